"""The node that searches: from what people ask for to the posts that are found."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from catenae import Clock, Documents, Log, Message, Source, Store
from services.reddit.rate_budget import REQUESTS, WINDOW_S, Allowance, RateBudget
from services.topics.rechecks import Rechecks
from services.topics.running import Running
from services.topics.sources import source as contract
from services.topics.sources.held import Held
from services.topics.wanted import COUNTS, POSTS, PROGRESS, SOURCES, TOPICS, SourceName, Topic, topics_of

LOOK_EVERY_S = 0.2
# One after the other, so that none waits for long: the rest waits for one of these to end.
MOST_RUNNING = 8
MOST_TOPICS = 1000
PATIENCE_S = 0.5
_AT_ONCE = 500


class TopicSearches(Source):
    """Search for what the documents `topics` ask for. Writes `FoundPost`, keyed by author, and posts that are
    gone as `{"topic", "author", "id", "removed": true}`.

    A search goes on where it was, also after `kill -9`: what is found again then counts once, as
    `TopicKeeper` sees to. How far each is stands in the documents `topic_progress`; which sources there are,
    in `topic_sources`. What is no longer at its source is taken away, also long after the search.

    collection  file or folder of rows to search; none if empty
    reddit      whether to search Reddit, by the credentials that the crawler takes
    subreddits  of Reddit: "all", or names joined by "+"
    jetstream   address of a Jetstream to search; none if empty
    again_s     so often a watch looks again where nothing tells it what is new
    recheck_s   so often every post is looked for at its source
    budget_requests, budget_window_s  as in `UserContentCrawler`
    sources     given by tests
    """

    def __init__(  # noqa: PLR0913, PLR0917  options
        self,
        documents: Documents,
        store: Store,
        log: Log,
        clock: Clock,
        collection: str = "",
        reddit: bool = False,  # noqa: FBT001, FBT002  options are given by name
        subreddits: str = "all",
        jetstream: str = "",
        again_s: float = 60.0,
        recheck_s: float = 3600.0,
        budget_requests: int = REQUESTS,
        budget_window_s: float = WINDOW_S,
        sources: Mapping[SourceName, contract.Source] | None = None,
    ) -> None:
        self._documents = documents
        self._log = log
        self._again_s = again_s
        self._clock = clock.now_s
        self._held = Held(documents)
        budget = RateBudget(store, Allowance(budget_requests, budget_window_s), PATIENCE_S)
        self._sources: Mapping[SourceName, contract.Source] = sources or {
            "held": self._held,
            **_outside(collection, budget if reddit else None, subreddits, jetstream),
        }
        self._rechecks = Rechecks(documents, self._sources, recheck_s, self._clock)

    def setup(self) -> None:
        self._documents.ensure_index(POSTS, ["topic", "source"])
        if self._sources.get("held") is self._held:
            self._held.prepare()
        there = self._documents.find(SOURCES, limit=_AT_ONCE).documents
        self._documents.delete(SOURCES, [each["id"] for each in there if each["id"] not in self._sources])
        self._documents.upsert(SOURCES, [{"id": name} for name in self._sources])

    def generate(self, position: Any) -> Iterator[Message | None]:
        self._number = position or 0
        with ExitStack() as opened:
            running: dict[str, Running] = {}
            opened.callback(_close, running)
            look_due_s = self._clock()
            while True:
                if self._clock() >= look_due_s:
                    look_due_s = self._clock() + LOOK_EVERY_S
                    yield from self._look(running)
                has_moved = False
                for each in list(running.values()):
                    # Apart from what others have found, so that what is noted was committed before.
                    for found in each.step():
                        has_moved = True
                        yield self._message(found["author"], found)
                    if each.has_news:
                        yield None
                        each.note(self._documents)
                for gone in self._rechecks.step():
                    has_moved = True
                    yield self._message(gone["author"], gone)
                if not has_moved:
                    yield None

    def _look(self, running: dict[str, Running]) -> Iterator[Message | None]:
        """Begin what is asked for, end what is not any more, and forget what is to be forgotten."""
        topics = topics_of(self._documents.find(TOPICS, limit=MOST_TOPICS).documents)
        wanted = {topic.id: topic for topic in topics if topic.will == "run"}
        for name in [name for name, each in running.items() if wanted.get(name) != each.topic]:
            ended = running.pop(name)
            ended.close()
            yield None
            if name in {topic.id for topic in topics}:
                ended.stopped(self._documents)
        progress = self._documents.get_many(PROGRESS, wanted)
        for name, topic in wanted.items():
            if name not in running and sum(not each.is_found for each in running.values()) < MOST_RUNNING:
                found = Running.begun(topic, progress.get(name), self._sources, self._again_s, self._clock)
                if found is not None:
                    running[name] = found
                    found.know(_ids(self._documents, name))
                    found.note(self._documents)
        for topic in topics:
            if topic.will == "forget":
                yield from self._forget(topic)

    def _forget(self, topic: Topic) -> Iterator[Message | None]:
        """Take away all that a search has found, some at a time; in the end the search itself."""
        found = self._documents.find(POSTS, {"topic": topic.id}, limit=_AT_ONCE, fields=["author", "post_id"])
        for each in found.documents:
            gone = {"topic": topic.id, "author": each["author"], "id": each["post_id"], "removed": True}
            yield self._message(each["author"], gone)
        yield None
        if not found.documents:
            left = self._documents.find(COUNTS, {"topic": topic.id}, limit=_AT_ONCE, fields=["id"]).documents
            self._documents.delete(COUNTS, [each["id"] for each in left])
            self._documents.delete(PROGRESS, [topic.id])
            self._documents.delete(TOPICS, [topic.id])
            self._log.info("topic forgotten", topic=topic.id)

    def _message(self, author: str, value: Mapping[str, Any]) -> Message:
        # Where to go on is in the documents; the number only tells the broker that something has moved.
        self._number += 1
        return Message(value, author, position=self._number)


def _close(running: Mapping[str, Running]) -> None:
    for each in running.values():
        each.close()


def _ids(documents: Documents, topic: str) -> Iterator[str]:
    """Yield the posts of a search that are stored."""
    cursor = None
    while True:
        page = documents.find(POSTS, {"topic": topic}, limit=_AT_ONCE, cursor=cursor, fields=["post_id"])
        yield from (each["post_id"] for each in page.documents)
        cursor = page.cursor
        if cursor is None:
            return


def _outside(
    collection: str, budget: RateBudget | None, subreddits: str, jetstream: str
) -> dict[SourceName, contract.Source]:
    """Return the sources that are asked for; what each needs is imported with it alone."""
    found: dict[SourceName, contract.Source] = {}
    if collection:
        from services.topics.sources.collection import CollectionFiles  # noqa: PLC0415

        found["collection"] = CollectionFiles(Path(collection))
    if budget is not None:
        from services.reddit.client import RedditClient  # noqa: PLC0415
        from services.topics.sources.reddit import RedditSearch  # noqa: PLC0415

        found["reddit"] = RedditSearch(RedditClient(budget), subreddits)
    if jetstream:
        from services.topics.sources.bluesky import BlueskyStream  # noqa: PLC0415

        found["bluesky"] = BlueskyStream(jetstream)
    return found
