from pathlib import Path

import pytest

from catenae.errors import ConfigError
from catenae.topology.data_folder import DataFolder
from catenae.topology.local.scaling import Scaling, request_scale
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
