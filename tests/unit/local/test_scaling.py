from dataclasses import replace
from pathlib import Path

import pytest

from catenae.deployment.data_folder import DataFolder
from catenae.errors import ConfigError
from catenae.running.local.scaling import Scaling, ask, request_scale, standing
from topologies.wordcount import topology


def test_what_is_asked_for_reaches_the_supervisor(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with folder.lock():
        scaling = Scaling(folder, topology)
        scaling.begin({})
        request_scale(folder, {"counter": 3})
        request_scale(folder, {"splitter": 0})

        assert scaling.wanted() == {"counter": 3, "splitter": 0}


def test_a_new_supervisor_begins_with_what_is_declared(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.write("scale.json", {"counter": 3})
    scaling = Scaling(folder, topology)
    scaling.begin({})

    assert scaling.wanted() == {}


@pytest.mark.parametrize(
    ("node", "wanted", "reason"), [("conuter", 2, "did you mean 'counter'"), ("counter", 13, "12 at most")]
)
def test_what_cannot_be_is_refused(tmp_path: Path, node: str, wanted: int, reason: str) -> None:
    folder = DataFolder(tmp_path)
    with folder.lock():
        Scaling(folder, topology).begin({})
        with pytest.raises(ConfigError, match=reason):
            request_scale(folder, {node: wanted})


def test_where_nothing_runs_any_more_nothing_is_scaled(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with folder.lock():
        Scaling(folder, topology).begin({})

    with pytest.raises(ConfigError, match="nothing runs"):
        request_scale(folder, {"counter": 2})


def test_what_a_person_asks_for_counts_until_it_is_released(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    scaling = Scaling(folder, topology)
    with folder.lock():
        scaling.begin({"splitter": 1, "counter": 2})
        request_scale(folder, {"counter": 3})
        ask(folder, {"counter": (4, "more come"), "splitter": (2, "more come")}, {"counter": 3.5})
        pinned = standing(folder, "wordcount")
        assert (scaling.wanted(), scaling.why("counter")) == (pinned.wanted, "")
        request_scale(folder, {"counter": None})

    assert pinned == ({"counter": 3, "splitter": 2}, frozenset({"counter"}))
    assert scaling.wanted() == {"counter": 2, "splitter": 2}
    assert (scaling.why("splitter"), scaling.told()["splitter"]["changes"]) == ("more come", 1)


def test_another_topology_s_folder_is_not_scaled(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with folder.lock():
        Scaling(folder, topology).begin({})
        with pytest.raises(ConfigError, match="topology 'wordcount' runs on data folder"):
            standing(folder, "screening")


def test_a_chain_is_scaled_as_one(tmp_path: Path) -> None:
    chained = replace(topology, nodes=[replace(n, replicas=1, chain="words") for n in topology.nodes])
    folder = DataFolder(tmp_path)
    with folder.lock():
        Scaling(folder, chained).begin({"words": 1})
        with pytest.raises(
            ConfigError, match=r"'counter' of topology 'wordcount' runs in chain 'words'.*words=2"
        ):
            request_scale(folder, {"counter": 2})
        request_scale(folder, {"words": 3})

        assert standing(folder, "wordcount").wanted == {"words": 3, "splitter": 3, "counter": 3}


def test_where_no_chains_are_made_its_nodes_are_scaled(tmp_path: Path) -> None:
    chained = replace(topology, nodes=[replace(n, replicas=1, chain="words") for n in topology.nodes])
    folder = DataFolder(tmp_path)
    with folder.lock():
        scaling = Scaling(folder, chained, chained=False)
        scaling.begin({"splitter": 1, "counter": 1})
        request_scale(folder, {"counter": 2})

        assert scaling.wanted() == {"splitter": 1, "counter": 2}
