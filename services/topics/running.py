"""A search that is on its way, in several sources in turn."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from catenae import Document, Documents
from services.topics.sources.source import NotNow, Reading, Source
from services.topics.wanted import PROGRESS, FoundPost, SourceName, State, Topic

Value = Mapping[str, Any]
_PAUSE_S = 1.0


@dataclass(slots=True)
class _Part:
    """The part of a search that is in one source."""

    source: Source
    place: Any = None
    found: int = 0
    is_done: bool = False
    problem: str = ""
    reading: Reading | None = None
    due_s: float = 0.0

    def close(self) -> None:
        if self.reading is not None:
            self.reading.close()
            self.reading = None

    def told(self) -> dict[str, Any]:
        return {
            "place": self.place,
            "found": self.found,
            "is_done": self.is_done,
            "problem": self.problem,
        }


@dataclass(slots=True)
class Running:
    """A search on its way. Where it is, its progress tells; a step that nobody has told of is done again.

    has_news  whether there is something to tell
    """

    topic: Topic
    parts: Mapping[SourceName, _Part]
    again_s: float
    clock: Callable[[], float]
    has_news: bool = False
    _ids: set[str] = field(default_factory=set)

    @classmethod
    def begun(
        cls,
        topic: Topic,
        progress: Document | None,
        sources: Mapping[SourceName, Source],
        again_s: float,
        clock: Callable[[], float],
    ) -> "Running | None":
        """Begin a search, or go on with it; None of one that has come to its end and need not listen."""
        told = progress if progress is not None and progress.get("run") == topic.run else {}
        before: Mapping[str, Any] = told.get("sources", {})
        parts = {
            name: _Part(
                sources[name],
                **{key: before.get(name, {}).get(key, default) for key, default in _AT_FIRST.items()},
            )
            for name in topic.sources
            if name in sources
        }
        found = cls(topic, parts, again_s, clock)
        return None if found._is_over() else found

    def step(self) -> Iterator[Value]:
        """Yield what one step in each source comes to."""
        for part in self.parts.values():
            if self._has_nothing_to_do(part) or self.clock() < part.due_s:
                continue
            if part.reading is None:
                part.reading = part.source.open(self._asked(part), part.place)
            try:
                step = part.reading.step()
            except NotNow as not_now:
                part.due_s = self.clock() + _PAUSE_S
                self.has_news = self.has_news or part.problem != str(not_now)
                part.problem = str(not_now)
                continue
            posts = [] if self._listens_only(part) else self._new(step.posts)
            yield from posts
            for gone in step.gone:
                yield {"topic": "", "author": gone.author, "id": gone.id, "removed": True}
            self.has_news = (
                self.has_news or bool(posts) or (part.place, part.is_done) != (step.place, step.is_done)
            )
            part.place, part.problem, part.found = step.place, "", part.found + len(posts)
            self._end_of(part, is_done=step.is_done)

    def know(self, ids: Iterable[str]) -> None:
        """Take posts for found already."""
        self._ids.update(ids)

    @property
    def is_found(self) -> bool:
        """Whether it has all that it looks for."""
        return self._found() >= self.topic.most or all(part.is_done for part in self.parts.values())

    def note(self, documents: Documents) -> None:
        """Tell how far it is."""
        self._tell(documents, "done" if self.is_found else "running")
        self.has_news = False

    def stopped(self, documents: Documents) -> None:
        """Tell that it rests."""
        self._tell(documents, "done" if self.is_found else "stopped")

    def close(self) -> None:
        """Let go of what it holds."""
        for part in self.parts.values():
            part.close()

    def _end_of(self, part: _Part, *, is_done: bool) -> None:
        """Note that a source has been looked through; a watch looks again, later, for what is new then."""
        part.is_done = part.is_done or is_done
        if not is_done or part.source.listens:
            return
        part.close()
        if self.topic.is_watch:
            part.place, part.due_s = None, self.clock() + self.again_s

    def _tell(self, documents: Documents, state: State) -> None:
        told = {
            "id": self.topic.id,
            "run": self.topic.run,
            "state": state,
            "found": self._found(),
            "sources": {name: part.told() for name, part in self.parts.items()},
            "changed_ms": int(self.clock() * 1000),
        }
        documents.upsert(PROGRESS, [told])

    def _asked(self, part: _Part) -> Topic:
        """Return what a source is asked for: what is new alone, once a watch has found what there was."""
        if not self.topic.is_watch or not part.is_done or part.source.listens:
            return self.topic
        return replace(self.topic, from_utc=max(self.topic.from_utc or 0, self.topic.created_ms // 1000))

    def _new(self, posts: Any) -> list[FoundPost]:
        """Return what was not found here before, up to the number that is asked for."""
        new = {post["id"]: post for post in posts if post["id"] not in self._ids}
        is_of_now = self.topic.is_watch and self.is_found
        left = len(new) if is_of_now else max(self.topic.most - self._found(), 0)
        taken = list(new.values())[:left]
        self._ids.update(post["id"] for post in taken)
        return taken

    def _found(self) -> int:
        return sum(part.found for part in self.parts.values())

    def _listens_only(self, part: _Part) -> bool:
        return not self.topic.is_watch and (part.is_done or self._found() >= self.topic.most)

    def _has_nothing_to_do(self, part: _Part) -> bool:
        return self._listens_only(part) and not part.source.listens

    def _is_over(self) -> bool:
        return all(map(self._has_nothing_to_do, self.parts.values()))


_AT_FIRST: Mapping[str, Any] = {"place": None, "found": 0, "is_done": False}
