"""Posts that were found are looked for at their source now and then, so that what is gone is forgotten."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from catenae import Document, Documents
from services.topics.sources.source import NotNow, Source
from services.topics.wanted import POSTS, SourceName

AT_ONCE = 100


class Rechecks:
    """Goes round through all posts that were found, some at a time.

    every_s  how long a round takes at least
    clock    seconds since 1970
    """

    def __init__(
        self,
        documents: Documents,
        sources: Mapping[SourceName, Source],
        every_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._documents = documents
        self._sources = sources
        self._every_s = every_s
        self._clock = clock
        self._due_s = clock() + every_s
        self._cursor: str | None = None

    def step(self) -> Iterator[Mapping[str, Any]]:
        """Yield what is gone of the next some posts, if it is time for them."""
        if self._clock() < self._due_s:
            return
        page = self._documents.find(
            POSTS, limit=AT_ONCE, cursor=self._cursor, fields=["post_id", "author", "source", "topic"]
        )
        for name, source in self._sources.items():
            of_source = [each for each in page.documents if each["source"] == name]
            if not of_source:
                continue
            try:
                gone = set(source.gone(list(dict.fromkeys(each["post_id"] for each in of_source))))
            except NotNow:
                self._due_s = self._clock() + 1.0
                return
            yield from (_removal(each) for each in of_source if each["post_id"] in gone)
        self._cursor = page.cursor
        if page.cursor is None:
            self._due_s = self._clock() + self._every_s


def _removal(post: Document) -> Mapping[str, Any]:
    return {"topic": post["topic"], "author": post["author"], "id": post["post_id"], "removed": True}
