"""Rows of Parquet files, each once, with what a message has no form for as text."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catenae.codec.packing import pack, unpack
from catenae.errors import TransientError
from catenae.testing import TestDriver
from catenae.testing.trouble import Point
from catenae.topology.graph import Topology
from catenae.topology.node import Node

pytest.importorskip("pyarrow", reason="the extra parquet is not installed")

import pyarrow as pa
import pyarrow.parquet as pq

from catenae.connectors.parquet import ParquetRows

ROWS = Node("rows", "catenae.connectors.parquet:ParquetRows", writes="rows", batch_records=3)
TOPOLOGY = Topology("parquet", (ROWS,), partitions=1, exported=("rows",))


def write(file: Path, rows: Sequence[Mapping[str, Any]], group_rows: int = 4) -> None:
    pq.write_table(pa.Table.from_pylist(rows), file, row_group_size=group_rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "a.parquet", [{"user": "ann", "n": n} for n in range(10)])
    write(tmp_path / "b.parquet", [{"user": "bob", "n": n} for n in range(10, 15)])
    return tmp_path


@pytest.mark.parametrize("point", ["before commit", "after commit"])
def test_each_row_comes_once_whenever_the_source_is_killed(folder: Path, point: Point) -> None:
    with TestDriver(TOPOLOGY, {"rows": {"path": folder, "key": "user"}}) as files:
        for _ in range(4):
            files.kill("rows", point)
            files.advance(0)
        write(folder / "c.parquet", [{"user": "cid", "n": 15}])
        files.restart("rows")

        found = [(each.key, each.value["n"]) for each in files.read("rows")]
    assert found == [("ann" if n < 10 else "bob" if n < 15 else "cid", n) for n in range(16)]


@pytest.mark.parametrize("done", range(10))
def test_it_goes_on_at_any_row_of_any_group(folder: Path, done: int) -> None:
    rows = ParquetRows(folder / "a.parquet").rows(folder / "a.parquet", done)

    assert [each["n"] for each in rows] == list(range(done, 10))


def test_every_value_has_a_form_in_a_message(tmp_path: Path) -> None:
    moment = datetime(2026, 5, 4, 12, 30, 0, 250, tzinfo=UTC)
    row = {"price": Decimal("12.50"), "at": moment, "day": date(2026, 5, 4), "tags": ["a"], "map": {"b": 1}}
    write(
        tmp_path / "a.parquet", [{**row, "opens": time(9, 30), "takes": timedelta(seconds=2), "raw": b"\0"}]
    )

    (found,) = ParquetRows(tmp_path).generate(None)

    assert found is not None
    assert unpack(pack(found.value)) == {
        **row,
        "price": "12.50",
        "opens": "09:30:00.000000",
        "takes": 2_000_000,
        "raw": b"\0",
    }


def test_a_file_that_is_not_whole_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no end")

    with pytest.raises(TransientError, match=r"'a\.parquet' cannot be read as Parquet"):
        list(ParquetRows(tmp_path).generate(None))
