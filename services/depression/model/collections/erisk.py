"""The XML of the eRisk shared task: one subject per document, whole or in chunks, in folders of any depth.

    <INDIVIDUAL><ID>subject7</ID>
      <WRITING><TITLE>…</TITLE><DATE>2015-05-01 12:22:21</DATE><INFO>…</INFO><TEXT>…</TEXT></WRITING>
    </INDIVIDUAL>

Titles are the subject's own: eRisk leaves those of comments empty. A writing has no id in the file; it is
named after the file and its place in it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.parsers import expat

from services.depression.model.collection import Located, Place, Post, UnreadableLine


def files(folder: Path) -> list[Path]:
    """Return the XML files at any depth; numbers in names count as numbers: chunk 2 before chunk 10."""
    return sorted(folder.rglob("*.xml"), key=lambda path: _natural(path.relative_to(folder)))


def read(paths: Sequence[Path], set_aside: Counter[str]) -> Iterator[Located]:
    """Yield the writings of the documents, file after file; count odd ones by reason in `set_aside`.

    Raises UnreadableLine, also for a document that declares a type or entities: those can be made to explode.
    """
    for path in paths:
        document = _Document(path)
        for number, (line, fields) in enumerate(document.writings, start=1):
            post = _post(f"{path.stem}#{number}", document.subject, fields, set_aside)
            if post:
                yield Located(post, Place(path, line))


def _post(name: str, subject: str, fields: dict[str, str], set_aside: Counter[str]) -> Post | None:
    text = f"{fields.get('TITLE', '')}\n{fields.get('TEXT', '')}"
    try:
        written = datetime.fromisoformat(fields.get("DATE", ""))
    except ValueError:
        set_aside["bad created_utc"] += 1
        return None
    if not text.strip():
        set_aside["no text"] += 1
        return None
    return Post(name, subject, int(written.replace(tzinfo=written.tzinfo or UTC).timestamp()), text)


def _natural(path: Path) -> list[tuple[int, str]]:
    """Split a path so that its digits compare as numbers."""
    return [(int(part or 0), rest) for part, rest in re.findall(r"(\d*)(\D+|$)", path.as_posix())]


class _Document:
    """One parsed file: `subject`, and `writings` as (line, field → text without white space around it)."""

    def __init__(self, path: Path) -> None:
        self.subject = ""
        self.writings: list[tuple[int, dict[str, str]]] = []
        self._path = path
        self._text: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parse()

    def _parse(self) -> None:
        try:
            with self._path.open("rb") as file:
                self._parser.ParseFile(file)
        except expat.ExpatError as error:
            raise UnreadableLine(self._path, error.lineno, expat.ErrorString(error.code)) from error
        except OSError as error:
            raise UnreadableLine(self._path, 1, error.strerror or str(error)) from error
        if not self.subject:
            raise UnreadableLine(self._path, 1, "no <ID> of a subject")

    def _refuse(self, *_: object) -> None:
        line = self._parser.CurrentLineNumber
        raise UnreadableLine(self._path, line, "a document type declaration, which is refused")

    def _start(self, name: str, _: object) -> None:
        self._text.clear()
        if name == "WRITING":
            self.writings.append((self._parser.CurrentLineNumber, {}))

    def _end(self, name: str) -> None:
        content = "".join(self._text).strip()
        self._text.clear()
        if name == "ID":
            self.subject = content
        elif self.writings:
            self.writings[-1][1][name] = content
