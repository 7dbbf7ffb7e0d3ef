"""Collections and dumps as a stream."""

import bz2
import gzip
import json
import lzma
from pathlib import Path
from typing import Any

import pytest
import zstandard

from catenae import ConfigError, Message
from services.reddit.replay import Replay


def row(number: int, author: str = "ann") -> bytes:
    value = {"id": f"c{number}", "author": author, "created_utc": 100 * number, "body": f"text {number}"}
    return json.dumps(value).encode()


def written(path: Path, *lines: bytes) -> Path:
    data = b"\n".join(lines)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def replayed(replay: Replay, position: Any = None) -> list[Message]:
    return [message for message in replay.generate(position) if message is not None]


def ids(messages: list[Message]) -> list[str]:
    return [message.value["id"] for message in messages]


def test_rows_become_text_records_keyed_by_author(tmp_path: Path) -> None:
    (message,) = replayed(Replay(written(tmp_path / "a.jsonl", row(1))))

    assert (message.key, message.value["id"], message.value["kind"]) == ("ann", "t1_c1", "comment")
    assert message.position == ["a.jsonl", 1]


def test_a_folder_is_read_by_name(tmp_path: Path) -> None:
    written(tmp_path / "b.jsonl.gz", row(2))
    written(tmp_path / "a.jsonl", row(1))
    written(tmp_path / "risk_golden_truth.txt", b"ann 1")

    assert ids(replayed(Replay(tmp_path))) == ["t1_c1", "t1_c2"]


def test_every_position_resumes_exactly_behind_its_message(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", row(1), b"", b"odd", row(2))
    written(tmp_path / "b.jsonl.gz", row(3), row(4))
    everything = replayed(Replay(tmp_path))

    for number, message in enumerate(everything, start=1):
        assert replayed(Replay(tmp_path), message.position) == everything[number:]


def test_of_dumps_a_month_is_read_before_the_next(tmp_path: Path) -> None:
    for name in ("RC_2019-01", "RC_2019-02", "RS_2019-01", "RS_2019-02"):
        number = int(name[-1]) + 10 * (name[:2] == "RS")
        compressed = zstandard.compress(row(number, name[:2]) + b"\n")
        (tmp_path / f"{name}.zst").write_bytes(compressed)
    everything = replayed(Replay(tmp_path))

    assert [message.key for message in everything] == ["RC", "RS", "RC", "RS"]
    assert replayed(Replay(tmp_path), everything[1].position) == everything[2:]


def test_the_way_back_to_a_position_is_no_silence(tmp_path: Path) -> None:
    now = iter(range(100))
    path = written(tmp_path / "a.jsonl", row(1), row(2), row(3))

    stream = list(Replay(path, clock=lambda: next(now)).generate(["a.jsonl", 2]))

    assert [message is None for message in stream] == [True, True, False]


def test_progress_grows_with_every_file_to_the_end(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", row(1))
    written(tmp_path / "b.jsonl", row(2))
    replay = Replay(tmp_path)

    shares = [replay.progress(), *(replay.progress() for _ in replay.generate(None))]

    assert shares == [0.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "no JSON in UTF-8"),
        (b'"\xff"', "no JSON in UTF-8"),
        (b"[" * 100_000, "no JSON in UTF-8"),
        (b'{"id": "c1", "body": "\\ud83d"}', "no author"),
        (row(1, "[deleted]"), "deleted author"),
    ],
)
def test_an_odd_row_is_rejected_and_the_next_comes(tmp_path: Path, line: bytes, reason: str) -> None:
    odd, good = replayed(Replay(written(tmp_path / "a.jsonl", line, row(2))))

    assert (odd.value, odd.rejected, odd.position) == (line, reason, ["a.jsonl", 1])
    assert (good.value["id"], good.rejected) == ("t1_c2", "")


def test_a_row_that_comes_again_is_rejected(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", row(1), row(1), row(2))
    written(tmp_path / "b.jsonl", row(3), row(2), row(1, "bob"))
    everything = replayed(Replay(tmp_path))

    again = "repeated id"
    assert [message.rejected for message in everything] == ["", again, "", "", again, again]
    for number, message in enumerate(everything, start=1):
        assert replayed(Replay(tmp_path), message.position) == everything[number:]


def test_ids_of_long_ago_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.reddit.replay._REMEMBERED_IDS", 2)
    path = written(tmp_path / "a.jsonl", *map(row, (1, 2, 3, 4, 5, 5, 1)))

    assert [message.rejected for message in replayed(Replay(path))] == [*[""] * 5, "repeated id", ""]


def test_of_a_folder_files_of_any_kind_and_case_are_read_and_hidden_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "RC_2009-01.BZ2").write_bytes(bz2.compress(row(1)))
    (tmp_path / "RC_2009-02.Xz").write_bytes(lzma.compress(row(2)))
    (tmp_path / "RC_2009-03.gz").write_bytes(gzip.compress(row(3)))
    written(tmp_path / "RC_2009-04.JSONL", row(4))
    (tmp_path / "._RC_2009-01.BZ2").write_bytes(b"\0\x05\x16\x07")
    (tmp_path / "notes.txt.gz").write_bytes(gzip.compress(b"notes"))

    assert ids(replayed(Replay(tmp_path))) == ["t1_c1", "t1_c2", "t1_c3", "t1_c4"]


def test_only_the_users_of_a_list_are_replayed(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", row(1), row(2, "bob"), row(3), row(4, "zoe"))
    users = written(tmp_path / "users.txt", b"\xef\xbb\xbfbob\r", b"zoe\r")

    assert ids(replayed(Replay(path, users=users))) == ["t1_c2", "t1_c4"]


def test_a_pace_holds_each_message_until_it_is_due(tmp_path: Path) -> None:
    now = [1000.0]
    path = written(tmp_path / "a.jsonl", row(1), b"odd", row(2))
    stream = Replay(path, speed=10, clock=lambda: now[0]).generate(None)

    assert [next(stream) is None for _ in range(4)] == [False, False, True, True]
    now[0] += 9.9
    assert next(stream) is None
    now[0] += 0.2
    assert [message.position for message in stream if message is not None] == [["a.jsonl", 3]]


def test_a_long_stretch_of_other_users_is_no_silence(tmp_path: Path) -> None:
    now = iter(range(100))
    path = written(tmp_path / "a.jsonl", row(1, "bob"), row(2, "bob"), row(3, "ann"))
    users = written(tmp_path / "users.txt", b"ann")

    stream = list(Replay(path, users=users, clock=lambda: next(now)).generate(None))

    assert [message is None for message in stream] == [True, True, False]


def test_a_file_cut_short_is_one_line_that_names_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl.gz", row(1))
    path.write_bytes(path.read_bytes()[:-4])

    with pytest.raises(ConfigError, match=r"a\.jsonl\.gz:1: .*fetch the file again"):
        replayed(Replay(path))


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"path": Path("/nowhere")}, "'path' of Replay is '/nowhere', where there is no file"),
        ({"speed": -1.0}, "'speed' of Replay is -1.0"),
        ({"users": Path("/nowhere.txt")}, r"'users' of Replay: /nowhere\.txt:1"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(tmp_path: Path, options: Any, found: str) -> None:
    path = written(tmp_path / "a.jsonl", row(1))

    with pytest.raises(ConfigError, match=found):
        Replay(**{"path": path, **options})
