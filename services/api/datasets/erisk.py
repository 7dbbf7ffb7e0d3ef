"""A dataset in the layout of the eRisk shared task: an XML file per user and the golden truth, in a zip."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from services.api.answers import Label
from services.api.datasets.selection import Labelled, Selection

TRUTH = "risk_golden_truth.txt"
# What XML 1.0 cannot hold, not even escaped.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNFIT_IN_NAME = re.compile(r"[^A-Za-z0-9._-]")


def erisk(selection: Selection) -> Iterator[bytes]:
    """Yield the zip, part by part; never more than a user's posts are in memory."""
    written = _Written()
    truth = []
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for number, user in enumerate(selection.users(), start=1):
            # Numbered, since two names may be one once what no file may be called is taken out of them.
            name = f"{number:06}_{_UNFIT_IN_NAME.sub('_', user.name)[:80]}.xml"
            with archive.open(_entry(name), "w") as file:
                for part in _document(user, selection):
                    file.write(part)
                    yield from written.taken()
            truth.append(f"{user.name}\t{int(user.label is Label.RISK)}\n")
        archive.writestr(_entry(TRUTH), "".join(truth))
    yield from written.taken()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)  # of 1980, the first moment that a zip can say: nothing tells when it was made
    entry.compress_type = ZIP_DEFLATED
    return entry


def _document(user: Labelled, selection: Selection) -> Iterator[bytes]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<INDIVIDUAL>\n<ID>{_text(user.name)}</ID>\n'.encode()
    for record in selection.posts(user):
        yield _writing(record).encode()
    yield b"</INDIVIDUAL>\n"


def _writing(record: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(record["created_utc"], UTC).strftime("%Y-%m-%d %H:%M:%S")
    return (
        f"<WRITING><TITLE>{_text(record['title'])}</TITLE><DATE>{at}</DATE>"
        f"<INFO>{_text(record['kind'])}</INFO><TEXT>{_text(record['body'])}</TEXT></WRITING>\n"
    )


def _text(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", text))


class _Written(io.RawIOBase):
    """What the zip has written and nobody has taken yet. It has no way back; zipfile needs none."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any, /) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def taken(self) -> Iterator[bytes]:
        """Yield what has been written since the last time."""
        parts, self._parts = self._parts, []
        yield from parts
