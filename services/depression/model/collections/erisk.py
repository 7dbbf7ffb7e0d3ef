"""The XML of the eRisk shared task: one subject per document, whole or in chunks, in folders of any depth.

    <INDIVIDUAL><ID>subject7</ID>
      <WRITING><TITLE>…</TITLE><DATE>2015-05-01 12:22:21</DATE><INFO>…</INFO><TEXT>…</TEXT></WRITING>
    </INDIVIDUAL>

Titles are the subject's own: eRisk leaves those of comments empty. A writing has no id in the file; it is
named after the file and its place in it, and is a row of Reddit's in all else.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.parsers import expat

from services.depression.model.collection import LeftOut, Place, UnreadableLine, Written
from services.reddit.files import visible_files
from services.reddit.records import OddRow, TextRecord, text_record


def files(folder: Path) -> list[Path]:
    """Return the XML files at any depth; numbers in names count as numbers: chunk 2 before chunk 10."""
    found = [path for path in visible_files(folder) if path.suffix.lower() == ".xml"]
    return sorted(found, key=lambda path: _natural(path.relative_to(folder)))


def read(paths: Sequence[Path], left_out: LeftOut) -> Iterator[Written]:
    """Yield the writings of the documents, file after file; odd ones are left out.

    A document that is damaged gives what stands before the damage. One that declares a type or entities,
    which can be made to explode, or names no subject, is left out whole.
    """
    for path in paths:
        document = _Document(path)
        if document.damage is not None:
            left_out.wrong("damaged document", document.damage)
        for number, (line, fields) in enumerate(document.writings, start=1):
            try:
                record = _record(f"{path.stem}#{number}", document.subject, fields)
            except OddRow as odd:
                left_out.odd(odd.reason)
            else:
                yield Written(record, Place(path, line))


def _record(name: str, subject: str, fields: dict[str, str]) -> TextRecord:
    return text_record(
        {
            "id": name,
            "author": subject,
            "created_utc": fields.get("DATE", ""),
            "title": fields.get("TITLE", ""),
            "selftext": fields.get("TEXT", ""),
        }
    )


def _natural(path: Path) -> list[tuple[int, str]]:
    """Split a path so that its digits compare as numbers."""
    return [(int(part or 0), rest) for part, rest in re.findall(r"(\d*)(\D+|$)", path.as_posix())]


class _Document:
    """One parsed file: `subject`, and `writings` as (line, field → text without white space around it).

    damage  where it could not be read on, if so; the writings are those before
    """

    def __init__(self, path: Path) -> None:
        self.subject = ""
        self.damage: UnreadableLine | None = None
        self.writings: list[tuple[int, dict[str, str]]] = []
        self._writing: tuple[int, dict[str, str]] = (0, {})
        self._path = path
        self._text: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        try:
            self._parse()
        except UnreadableLine as error:
            self.damage = error
        if not self.subject:
            self.writings.clear()

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
            self._writing = (self._parser.CurrentLineNumber, {})

    def _end(self, name: str) -> None:
        content = "".join(self._text).strip()
        self._text.clear()
        if name == "ID":
            self.subject = content
        elif name == "WRITING":
            self.writings.append(self._writing)
        else:
            self._writing[1][name] = content
