"""Posts of a file or a folder of rows, such as a dump, a replayed collection, or tweets with their places."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from catenae import ConfigError
from services.reddit.files import Line, UnreadableFile, open_lines, row_files
from services.reddit.records import OddRow, text_record
from services.topics.places import gazetteer
from services.topics.sources.source import NotNow, Step
from services.topics.wanted import FoundPost, Matcher, Topic

AT_ONCE = 2000
_LANGUAGE = ("language", "lang")
# As networks and collections call what people say of where they are.
_STATED = ("place", "location", "user_location", "twitter_user_location", "author_flair_text")


class CollectionFiles:
    """Searches rows line by line, in the order of the files. Of what is taken away a file says nothing."""

    listens = False

    def __init__(self, path: Path) -> None:
        self._files = [path] if path.is_file() else list(row_files(path)) if path.is_dir() else []
        if not self._files:
            raise ConfigError(
                f"option 'collection' of TopicSearches is {str(path)!r}, where there is no file of rows. "
                "Name a file of JSON lines, or a folder that holds some"
            )

    def open(self, topic: Topic, place: Any) -> "_Reading":
        return _Reading(self._files, topic, place or ["", 0])

    def gone(self, ids: Sequence[str]) -> Sequence[str]:  # noqa: ARG002  the contract's
        return []


class _Reading:
    def __init__(self, files: Sequence[Path], topic: Topic, place: Sequence[Any]) -> None:
        self._matcher = Matcher(topic)
        self._place = list(place)
        self._lines = self._behind(files, *place)

    def step(self) -> Step:
        found: list[FoundPost] = []
        try:
            for number, (name, line) in enumerate(self._lines, start=1):
                self._place = [name, line.number]
                post = self._found(line)
                if post is not None:
                    found.append(post)
                if number == AT_ONCE:
                    return Step(found, self._place, is_done=False)
        except UnreadableFile as error:
            raise NotNow("a file of the collection cannot be read") from error
        return Step(found, self._place, is_done=True)

    def close(self) -> None:
        self._lines.close()  # type: ignore[attr-defined]

    def _behind(self, files: Sequence[Path], reached: str, after: int) -> Iterator[tuple[str, Line]]:
        names = [file.name for file in files]
        first = names.index(reached) if reached in names else 0
        for file in files[first:]:
            for line in open_lines(file):
                if file.name != reached or line.number > after:
                    yield file.name, line

    def _found(self, line: Line) -> FoundPost | None:
        try:
            row = msgspec.json.decode(line.data)
            record = text_record(row)
        except (msgspec.DecodeError, ValueError, RecursionError, OddRow):
            return None
        if not self._matcher.finds(record):
            return None
        stated = _said(row, _STATED)
        return self._matcher.found(
            record,
            "collection",
            language=_said(row, _LANGUAGE),
            stated=stated,
            place=gazetteer().place_of(stated),
        )


def _said(row: Mapping[str, Any], names: Sequence[str]) -> str:
    found = (row.get(name) for name in names)
    return next((each[:200] for each in found if isinstance(each, str) and each.strip()), "")
