"""JSONL streams: one text record or raw Reddit row per line, plain or compressed, all users mixed."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.depression.model.collection import LeftOut, Place, UnreadableLine, Written
from services.reddit.files import Line, UnreadableFile, open_lines
from services.reddit.records import OddRow, text_record


def read(paths: Sequence[Path], left_out: LeftOut) -> Iterator[Written]:
    """Yield the texts of the streams, file after file; the other rows are left out.

    Raises UnreadableLine for a file that is damaged or cut short.
    """
    for path in paths:
        try:
            for line in open_lines(path):
                try:
                    record = text_record(_row(line))
                except OddRow as odd:
                    left_out.odd(odd.reason)
                except (ValueError, RecursionError):
                    found = "no JSON in UTF-8"
                    left_out.wrong(found, UnreadableLine(path, line.number, found))
                else:
                    yield Written(record, Place(path, line.number))
        except UnreadableFile as error:
            raise UnreadableLine(path, error.line, error.found) from error


def _row(line: Line) -> object:
    if not line.is_whole:
        raise OddRow("line too long")
    return json.loads(line.data)
