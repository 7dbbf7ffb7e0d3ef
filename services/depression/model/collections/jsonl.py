"""JSONL streams: one text record or raw Reddit row per line, plain or compressed, all users mixed."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.depression.model.collection import Located, Place, Post, UnreadableLine
from services.depression.model.text import own_words
from services.reddit.files import Line, UnreadableFile, open_lines
from services.reddit.records import OddRow, text_record

ENDINGS = (".jsonl", ".jsonl.gz", ".zst")


def files(folder: Path) -> list[Path]:
    """Return the streams that lie in `folder` itself, by name."""
    return sorted(path for path in folder.iterdir() if path.name.endswith(ENDINGS))


def read(paths: Sequence[Path], set_aside: Counter[str]) -> Iterator[Located]:
    """Yield the posts of the streams, file after file; count odd rows by reason in `set_aside`.

    Raises UnreadableLine.
    """
    for path in paths:
        try:
            for line in open_lines(path):
                try:
                    yield Located(_post(path, line), Place(path, line.number))
                except OddRow as odd:
                    set_aside[odd.reason] += 1
        except UnreadableFile as error:
            raise UnreadableLine(path, error.line, error.found) from error


def _post(path: Path, line: Line) -> Post:
    try:
        row = json.loads(line.data)
    except (ValueError, RecursionError) as error:
        raise UnreadableLine(path, line.number, "no JSON in UTF-8") from error
    record = text_record(row)
    return Post(record["id"], record["author"], record["created_utc"], own_words(record))
