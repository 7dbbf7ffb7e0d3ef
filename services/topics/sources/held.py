"""Posts that the system holds already, as its storers keep them."""

from collections.abc import Sequence
from typing import Any

from catenae import Between, Documents
from services.reddit.records import OddRow, text_record
from services.topics.sources.source import Step
from services.topics.wanted import Matcher, Topic

COLLECTION = "posts"
ORDER = "created_utc"
AT_ONCE = 200


class Held:
    """Searches the documents, the newest posts first. What comes later, a `TopicMatcher` sees.

    collection  of text records
    """

    listens = False

    def __init__(self, documents: Documents, collection: str = COLLECTION) -> None:
        self._documents = documents
        self._collection = collection

    def prepare(self) -> None:
        """Create what makes them searched; takes a while where there are many."""
        self._documents.ensure_search(self._collection, ["title", "body"], ORDER)

    def open(self, topic: Topic, place: Any) -> "_Reading":
        return _Reading(self._documents, self._collection, topic, place)

    def gone(self, ids: Sequence[str]) -> Sequence[str]:
        there = self._documents.get_many(self._collection, ids)
        return [each for each in ids if each not in there]


class _Reading:
    def __init__(self, documents: Documents, collection: str, topic: Topic, cursor: str | None) -> None:
        self._documents = documents
        self._collection = collection
        self._topic = topic
        self._matcher = Matcher(topic)
        self._cursor = cursor

    def step(self) -> Step:
        topic = self._topic
        is_bounded = topic.from_utc is not None or topic.until_utc is not None
        page = self._documents.search(
            self._collection,
            topic.query,
            between=Between(topic.from_utc, topic.until_utc) if is_bounded else None,
            limit=AT_ONCE,
            cursor=self._cursor,
        )
        found = []
        for each in page.documents:
            try:
                record = text_record(each)
            except OddRow:
                continue
            post = self._matcher.found(record, "held", language="", stated="", place="")
            if post is not None:
                found.append(post)
        self._cursor = page.cursor
        return Step(found, self._cursor, is_done=page.cursor is None)

    def close(self) -> None:
        """Hold nothing."""
