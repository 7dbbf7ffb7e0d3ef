import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from catenae.cli.commands import app
from catenae.cli.produce import _chunks
from catenae.clock import SystemClock
from catenae.deployment.ledger import Ledger
from catenae.message import Record
from catenae.stores import open_store
from topologies.wordcount import topology


def shown(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_what_is_produced_is_shown(catenae: Any) -> None:
    catenae("produce", "texts", given='{"user": "ann"}\n[1, 2.5, null]\n\n"last"')

    assert [each["value"] for each in shown(catenae("tail", "texts").stdout)] == [
        {"user": "ann"}, [1, 2.5, None], "last",
    ]  # fmt: skip


def test_a_field_is_the_key(catenae: Any) -> None:
    catenae("produce", "texts", "--key", "user", given='{"user": "ann"}\n{"user": 7}\n')

    assert {each["key"] for each in shown(catenae("tail", "texts").stdout)} == {"ann", "7"}


def test_a_line_may_be_a_text(catenae: Any) -> None:
    catenae("produce", "texts", "--raw", given="not {json}\r\n")

    assert shown(catenae("tail", "texts").stdout)[0]["value"] == "not {json}"


@pytest.mark.parametrize(
    ("arguments", "given", "reason"),
    [
        ((), "1\n2\n{3\n", "line 3 of the input is not JSON"),
        (("--key", "user"), '{"user": "ann"}\n{"name": 1}\n', "line 2 of the input has no field 'user'"),
        ((), "1\nNaN\n", "line 2 of the input"),
    ],
)
def test_of_a_batch_with_a_bad_line_nothing_is_written(
    catenae: Any, arguments: tuple[str, ...], given: str, reason: str
) -> None:
    complaint = catenae.refused("produce", "texts", *arguments, given=given)

    assert reason in complaint
    assert complaint.endswith("nothing was written\n")
    assert catenae("tail", "texts").stdout == ""


def test_the_last_records_are_those_of_all_partitions(catenae: Any) -> None:
    for number, partition in enumerate((0, 0, 0, 1)):
        catenae.broker.append([Record("texts", None, b"%d" % number, partition=partition)])

    assert [each["value"] for each in shown(catenae("tail", "texts", "-n", "2").stdout)] == [2, 3]
    assert len(shown(catenae("tail", "texts", "--from-start").stdout)) == 4


def test_a_record_that_cannot_be_decoded_is_shown_all_the_same(catenae: Any) -> None:
    catenae.broker.append([Record("texts", b"\xff", b"\xc1", {"content-type": b"application/msgpack"})])

    (record,) = shown(catenae("tail", "texts").stdout)

    assert record["value"] is None
    assert record["unreadable"]


def test_an_unknown_topic_is_told_with_the_nearest(catenae: Any) -> None:
    assert "did you mean 'texts'?" in catenae.refused("tail", "text")
    assert "did you mean 'texts'?" in catenae.refused("produce", "text", given="1\n")


def test_an_unknown_topic_is_not_told_with_those_that_come_with_others(catenae: Any) -> None:
    assert "texts.dead" not in catenae.refused("tail", "text")
    assert "did you mean 'texts.dead'? (known: texts.dead)" in catenae.refused("dead-letters", "show", "text")


def test_topics_are_counted(catenae: Any) -> None:
    catenae("produce", "texts", given="1\n2\n3\n")

    assert [line.split() for line in catenae("topics").stdout.splitlines()] == [
        ["TOPIC", "PARTITIONS", "RECORDS", "EVER"],
        ["texts", "2", "3", "3"],
        ["texts.dead", "2", "0", "0"],
    ]


def test_lag_is_shown_per_node_and_topic(catenae: Any) -> None:
    catenae.broker.create_topics(topology.topic_specs())
    catenae("produce", "lines", given="1\n2\n")

    lines = catenae("lag", "topologies.wordcount").stdout.splitlines()

    assert [line.split() for line in lines[1:]] == [
        ["splitter", "lines", "2", "0", "2"], ["counter", "words", "0", "0", "0"],
    ]  # fmt: skip


def test_a_look_creates_no_folder(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["topics", "--data", str(tmp_path / "none")])

    assert refused.exit_code == 2
    assert "catenae up" in refused.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[" * 200_000, "is nested too deep"),
        ("7" * 5_000, "has a whole number of more than 4,300 digits"),
        ('"\\ud83d"', "line 1 of the input"),
    ],
)
def test_a_line_that_no_reader_would_take_is_refused_in_one_line(
    catenae: Any, line: str, reason: str
) -> None:
    assert reason in catenae.refused("produce", "texts", given=f"{line}\n")


class Pipe(io.RawIOBase):
    """Gives a few bytes a read."""

    def __init__(self, data: bytes, step: int = 7) -> None:
        self._data, self._step, self._at = data, step, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._data[self._at : self._at + self._step]
        self._at += len(part)
        buffer[: len(part)] = part
        return len(part)


@pytest.mark.lengthy
@given(st.lists(st.binary(max_size=20).map(lambda each: each.replace(b"\n", b"")), max_size=6), st.booleans())
def test_lines_are_those_of_the_input_however_it_is_read(lines: list[bytes], ends: bool) -> None:
    data = b"\n".join(lines) + (b"\n" if ends else b"")
    found = [line for each in _chunks(io.BufferedReader(Pipe(data))) for line in each]

    expected = [line.removesuffix(b"\r") for line in data.split(b"\n")[:-1]]
    last = data.split(b"\n")[-1]
    assert found == expected + ([last] if last else [])


@pytest.mark.lengthy
def test_a_long_line_costs_what_its_bytes_cost() -> None:
    started_s = time.process_time()
    reads = io.BufferedReader(Pipe(b"x" * 4_000_000 + b"\n", step=64), 64)

    assert [len(line) for each in _chunks(reads) for line in each] == [4_000_000]
    assert time.process_time() - started_s < 3  # put together anew with every read, it takes over 10


def test_what_outsiders_do_not_write_is_refused_with_what_they_may(catenae: Any) -> None:
    Ledger(topology, catenae.broker, lambda: open_store("embedded:"), SystemClock()).take_over({})

    for own in ("words", "counts", "lines.dead", "wordcount.manifest"):
        assert "from outside lines may be written" in catenae.refused("produce", own, given="1\n")
    assert catenae("produce", "lines", given='"a"\n').exit_code == 0
    assert catenae("produce", "words", "--inner", given='"a"\n').exit_code == 0
    assert catenae("produce", "texts", given="1\n").exit_code == 0
