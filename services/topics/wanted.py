"""What a search asks for: a document that people write; the topology tells how far it is in another."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from catenae import CatenaeError, Document, TextQuery
from services.reddit.records import SECONDS_BELOW, TextRecord
from services.topics.languages import is_wanted, language_of
from services.topics.places import is_within

TOPICS = "topics"
PROGRESS = "topic_progress"
SOURCES = "topic_sources"
POSTS = "topic_posts"
COUNTS = "topic_counts"
MOST_POSTS = 100_000

SourceName = Literal["held", "collection", "reddit", "bluesky"]
# What people want of a search: that it goes on, rests, or is gone with all that it has found.
Will = Literal["run", "stop", "forget"]
State = Literal["waiting", "running", "stopped", "done"]
Utc = Annotated[int, Meta(ge=0, lt=SECONDS_BELOW)] | None


class Topic(Struct, frozen=True, kw_only=True):
    """A search.

    query      words that a post must hold; see `Documents.search`
    languages  codes; of posts in any where there is none
    places     codes of places; from anywhere where there is none
    from_utc   and until_utc, not included: when posts were written
    most       how many posts are looked for, of all sources together
    is_watch   whether it goes on with what is new once it has found what there was
    run        grows each time when somebody wants it anew
    created_ms since when there is something new
    """

    id: str
    query: str
    sources: list[SourceName]
    languages: list[str] = []
    places: list[str] = []
    from_utc: Utc = None
    until_utc: Utc = None
    most: Annotated[int, Meta(ge=1, le=MOST_POSTS)] = 1000
    is_watch: bool = False
    will: Will = "run"
    run: int = 1
    created_ms: int = 0

    def is_in_time(self, created_utc: int) -> bool:
        """Say whether a post was written when it should be."""
        return (self.from_utc is None or created_utc >= self.from_utc) and (
            self.until_utc is None or created_utc < self.until_utc
        )


class FoundPost(TextRecord):
    """A post that a search has found, keyed by its author.

    topic     which search
    source    where
    language  as stated, or as it looks; "" for unknown
    stated    where its author says they are; "" where they do not
    place     what place that is; "" for unknown
    """

    topic: str
    source: SourceName
    language: str
    stated: str
    place: str


class Matcher:
    """Says of posts whether they are what a search asks for."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._query = TextQuery(topic.query)

    def finds(self, record: Mapping[str, Any]) -> bool:
        """Say whether a post holds the words, and was written when it should be."""
        return self._topic.is_in_time(record["created_utc"]) and self._query.finds(
            record["title"], record["body"]
        )

    def found(
        self, record: TextRecord, source: SourceName, *, language: str, stated: str, place: str
    ) -> FoundPost | None:
        """Return a post that holds the words as what is found; None if it is of another language or place."""
        told = language_of(f"{record['title']}\n{record['body']}", language)
        if not is_wanted(told, self._topic.languages) or not is_within(place, self._topic.places):
            return None
        return FoundPost(
            **record, topic=self._topic.id, source=source, language=told, stated=stated, place=place
        )


def topic_of(document: Document) -> Topic | None:
    """Return the search of a document; None of one that is none, as another release may have written."""
    try:
        topic = msgspec.convert(dict(document), Topic)
        TextQuery(topic.query)
    except (msgspec.ValidationError, CatenaeError):
        return None
    return topic


def post_key(topic: str, post_id: str) -> str:
    """Return by what a post of a search is kept: the same post may be in several."""
    return f"{topic} {post_id}"


def topics_of(documents: Sequence[Document]) -> list[Topic]:
    """Return the searches of documents, those left out that are none."""
    return [topic for topic in map(topic_of, documents) if topic is not None]
