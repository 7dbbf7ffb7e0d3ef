"""A dataset as rows, one a post: JSONL, and CSV that a spreadsheet may open."""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from services.api.datasets.selection import Selection

COLUMNS = ("id", "author", "label", "kind", "subreddit", "created_utc", "title", "body")
# A spreadsheet takes a cell that begins so for a formula, which may send the sheet to anybody.
# Sheets of many languages part cells at ";" whatever the quotes say; a smiley begins no formula.
_INNER = re.compile(r"(?<=[;\t\r\n]) *(?=[=@＝＠]|[-+＋－](?!\)))")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def jsonl(selection: Selection) -> Iterator[bytes]:
    """Yield text records with the label beside, one JSON object a line."""
    for user in selection.users():
        for record in selection.posts(user):
            text = json.dumps({**record, "label": user.label.value}, ensure_ascii=False)
            yield f"{text}\n".encode()


def comma_separated(selection: Selection) -> Iterator[bytes]:
    """Yield CSV with a header, in UTF-8; what could be a formula in any sheet has an apostrophe before it.

    It begins with a byte order mark, without which spreadsheets take it for an encoding of their own.
    """
    yield codecs.BOM_UTF8 + _line(COLUMNS)
    for user in selection.users():
        for record in selection.posts(user):
            cells = {**record, "label": user.label.value}
            yield _line([_harmless(cells.get(column, "")) for column in COLUMNS])


def _harmless(cell: Any) -> Any:
    # NUL ends a text for many readers of CSV.
    if not isinstance(cell, str):
        return cell
    text = _INNER.sub("'", cell.replace("\x00", "\ufffd"))
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _line(cells: Any) -> bytes:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue().encode()
