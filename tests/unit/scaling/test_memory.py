"""What a killed autoscaler leaves, and who may act."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from catenae.deployment.data_folder import DataFolder
from catenae.errors import ConfigError
from catenae.scaling.history import Change, History, Seen, Verdict
from catenae.scaling.memory import AUDIT, KEPT, Memory

CHANGES = tuple(Change(n, 1000.0 + n, "a", n, n + 1, "more come", verdict=Verdict.KEPT) for n in (1, 2, 3))
HISTORY = History(changes=CHANGES, seen={"a": Seen(rate_per_s=60.0, usual_per_s=58.0)})


def test_another_one_goes_on_with_what_was_known(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    Memory(folder).keep(HISTORY)
    recalled = Memory(folder).recall()

    assert recalled.changes == CHANGES
    assert recalled.rates() == {"a": 60.0}
    assert recalled.of("a").needs == ()


def test_every_change_is_written_down_once_wherever_it_was_killed(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    Memory(folder).keep(History(changes=CHANGES[:1]))
    # Killed after it had kept two more, while it wrote the first of them down.
    folder.write(KEPT, {"changes": [asdict(each) for each in CHANGES]})
    with (folder.path / AUDIT).open("a") as audit:
        audit.write('{"serial": 2, "at_s')
    memory = Memory(folder)
    memory.keep(memory.recall())

    lines = (folder.path / AUDIT).read_text().splitlines()
    assert lines.pop(1) == '{"serial": 2, "at_s'
    assert [json.loads(line)["serial"] for line in lines] == [1, 2, 3]


def test_two_never_act_at_once(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with (
        Memory(folder).alone(),
        pytest.raises(ConfigError, match="runs on data folder"),
        Memory(folder).alone(),
    ):
        pass
    with Memory(folder).alone():
        assert (tmp_path / "autoscaler.lock").stat().st_mode & 0o077 == 0
