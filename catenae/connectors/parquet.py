"""Rows of Parquet files into a topology, by pyarrow. Extra `parquet`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from catenae.connectors.files import FileRows
from catenae.errors import TransientError

_ROWS_AT_ONCE = 1000


class FileNotWhole(TransientError):
    """A file is no Parquet, or not yet: its end is what is written last."""


class ParquetRows(FileRows):
    """Read a Parquet file, or those of a folder in the order of their names; then it is exhausted.

    As exact as `FileRows`: each row becomes one message, a mapping by column, exactly once. Files are written
    elsewhere and moved in whole, under later names. To go on in a file, groups of rows that are done are not
    read again. A message has no form for decimals and times of day, which arrive as texts, nor for durations,
    which arrive as the number of their unit; moments are of microseconds.
    """

    endings: ClassVar[Sequence[str]] = (".parquet",)

    def rows(self, file: Path, begin: int) -> Iterator[Any]:
        try:
            with pq.ParquetFile(file) as opened:
                groups = range(opened.num_row_groups)
                for group in groups:
                    size = opened.metadata.row_group(group).num_rows
                    if begin < size:
                        yield from _rows(opened, group, begin)
                    begin = max(0, begin - size)
        except pa.ArrowInvalid as error:
            raise FileNotWhole(
                f"{file.name!r} cannot be read as Parquet; move it in when it is whole"
            ) from error


def _rows(opened: pq.ParquetFile, group: int, begin: int) -> Iterator[Any]:
    for batch in opened.iter_batches(_ROWS_AT_ONCE, row_groups=[group]):
        if begin < batch.num_rows:
            yield from batch.slice(begin).cast(_plain(batch.schema), safe=False).to_pylist()
        begin = max(0, begin - batch.num_rows)


def _plain(schema: pa.Schema) -> pa.Schema:
    """Return a schema with what a message has a form for in place of what it has none for."""
    return pa.schema([field.with_type(_plain_type(field.type)) for field in schema])


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_decimal(kind) or pa.types.is_time(kind):
        return pa.string()
    if pa.types.is_duration(kind):
        return pa.int64()
    return pa.timestamp("us", kind.tz) if pa.types.is_timestamp(kind) else kind
