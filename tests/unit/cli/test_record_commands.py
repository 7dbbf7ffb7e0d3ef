import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catenae.cli.commands import app
from catenae.message import Record
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
