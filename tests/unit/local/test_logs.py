from pathlib import Path

import pytest

from catenae.running.local import logs as module
from catenae.running.local.logs import Logs


def test_the_last_complaint_is_found(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    with logs.open("a-0") as file:
        file.write(b"catenae: first\nnoise\ncatenae: second, caf\xe9\nmore noise\n")

    assert logs.complaint("a-0") == "second, caf\N{REPLACEMENT CHARACTER}"


def test_an_earlier_run_is_set_aside(tmp_path: Path) -> None:
    logs = Logs(tmp_path)
    (tmp_path / "a-0.log").write_text("before")
    logs.begin()

    assert (tmp_path / "a-0.log.1").read_text() == "before"
    assert not logs.path("a-0").exists()


def test_a_file_that_grows_is_emptied_under_its_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 4)
    logs = Logs(tmp_path)
    with logs.open("a-0") as file:
        file.write(b"12345")
        file.flush()
        logs.bound()
        file.write(b"67")

    assert (tmp_path / "a-0.log.1").read_bytes() == b"2345"
    assert logs.path("a-0").read_bytes() == b"67"


def test_a_file_that_grows_is_emptied_also_where_its_end_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 4)
    logs = Logs(tmp_path)
    (tmp_path / "a-0.log.1").mkdir()
    with logs.open("a-0") as file:
        file.write(b"12345")
    logs.bound()

    assert logs.path("a-0").read_bytes() == b""


def test_logs_that_were_removed_are_nobodys_failure(tmp_path: Path) -> None:
    logs = Logs(tmp_path / "logs")
    logs.bound()
    assert logs.complaint("a-0") == ""

    with logs.open("a-0") as file:
        file.write(b"catenae: here again\n")
    assert logs.complaint("a-0") == "here again"


def test_where_no_log_can_be_had_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    logs = Logs(tmp_path / "logs")
    with logs.open("a-0") as file:
        file.write(b"catenae: to nobody\n")

    assert logs.complaint("a-0") == ""
