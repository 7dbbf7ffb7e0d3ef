from dataclasses import replace
from pathlib import Path

import pytest

from catenae import Node, Topology
from catenae.errors import TopologyError
from catenae.topology.data_folder import DataFolder
from catenae.topology.local.sharing import take_place

WRITER = Topology("writer", (Node("source", "m:S", writes="texts"),))
READER = Topology("reader", (Node("leaf", "m:L", reads="texts"),), external=("texts",))


def test_two_topologies_share_no_topic_by_chance(tmp_path: Path) -> None:
    take_place(DataFolder(tmp_path), WRITER)

    with pytest.raises(TopologyError, match="has topic 'texts' in common with 'writer'"):
        take_place(DataFolder(tmp_path), replace(WRITER, name="another"))


def test_a_topic_that_both_call_external_is_shared(tmp_path: Path) -> None:
    for topology in (replace(WRITER, external=("texts",)), READER):
        take_place(DataFolder(tmp_path), topology)

    with pytest.raises(TopologyError, match="of both"):
        take_place(DataFolder(tmp_path), replace(WRITER, name="unaware"))


def test_a_folder_that_was_cleared_is_free_again(tmp_path: Path) -> None:
    take_place(DataFolder(tmp_path), WRITER)
    DataFolder(tmp_path).clear()

    take_place(DataFolder(tmp_path), replace(WRITER, name="another"))
