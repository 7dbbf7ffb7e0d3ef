"""Rows of files, each once, and messages as lines of files."""

import json
from pathlib import Path

import pytest

from catenae.connectors.files import FileLines, FileRows
from catenae.errors import ConfigError
from catenae.testing import TestDriver, message
from catenae.testing.trouble import Point
from catenae.topology.graph import Topology
from catenae.topology.node import Node

ROWS = Node("rows", "catenae.connectors.files:FileRows", writes="rows", batch_records=3)
LINES = Node("lines", "catenae.connectors.files:FileLines", reads="rows")
TOPOLOGY = Topology("files", (ROWS, LINES), partitions=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in/a.jsonl").write_text("".join(f'{{"user": "ann", "n": {n}}}\n' for n in range(7)))
    (tmp_path / "in/b.csv").write_text('user,n\nbob,7\n"bob, b.","8\n9"\n')
    (tmp_path / "in/notes.txt").write_text("none of it")
    return tmp_path


def driven(folder: Path) -> TestDriver:
    return TestDriver(
        TOPOLOGY, {"rows": {"path": folder / "in", "key": "user"}, "lines": {"folder": folder / "out"}}
    )


def test_rows_come_in_the_order_of_files_and_lines(folder: Path) -> None:
    with driven(folder) as files:
        files.advance(0)
        found = [(each.key, each.value["n"]) for each in files.read("rows")]

    assert found == [*(("ann", n) for n in range(7)), ("bob", "7"), ("bob, b.", "8\n9")]


@pytest.mark.parametrize("point", ["before commit", "after commit"])
def test_each_row_comes_once_whenever_the_source_is_killed(folder: Path, point: Point) -> None:
    with driven(folder) as files:
        for _ in range(3):
            files.kill("rows", point)
            files.advance(0)
        (folder / "in/c.jsonl").write_text('{"user": "cid", "n": 10}\n')
        files.restart("rows")

        assert [each.value["n"] for each in files.read("rows")] == [*range(7), "7", "8\n9", 10]


def test_what_is_no_row_is_set_aside_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"n": 1}\nno json\n[2]\n{"n": null}\n')
    (tmp_path / "rows.csv").write_text("a,b\n1\n1,2,3\n4,5\n")

    rows = [list(FileRows(tmp_path / name).generate(None)) for name in ("rows.jsonl", "rows.csv")]

    assert [[bool(each and each.rejected) for each in some] for some in rows] == [
        [False, True, True, False],
        [True, True, False],
    ]


def test_a_row_without_the_key_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"user": null}\n{"user": 7}\n')
    first, second = FileRows(tmp_path, key="user").generate(None)

    assert first is not None
    assert first.rejected == "row has no key 'user'"
    assert second is not None
    assert second.key == "7"


def test_a_folder_without_rows_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"name a \.jsonl or \.csv file"):
        list(FileRows(tmp_path).generate(None))


@pytest.mark.parametrize("point", ["before commit", "after commit"])
def test_no_line_is_lost_and_what_comes_twice_has_one_id(folder: Path, point: Point) -> None:
    with driven(folder) as files:
        files.kill("lines", point)
        files.advance(0)

    lines = [json.loads(each) for each in (folder / "out/rows-0.jsonl").read_text().splitlines()]
    by_id = {each["id"]: each["value"]["n"] for each in lines}
    assert list(by_id.values()) == [*range(7), "7", "8\n9"]


def test_a_line_that_was_cut_short_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "rows-0.jsonl").write_text('{"id": "whole"}\n{"id": "cut sh')

    FileLines(tmp_path).consume(message(1, "ann")._replace(topic="rows", partition=0, offset=3))

    lines = [json.loads(each) for each in (tmp_path / "rows-0.jsonl").read_text().splitlines()]
    assert lines == [{"id": "whole"}, {"id": "rows[0]@3", "key": "ann", "value": 1}]
