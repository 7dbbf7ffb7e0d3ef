"""Reddit's own search, by the client of the crawler and within its budget of requests."""

from collections.abc import Sequence
from typing import Any, Protocol

from services.reddit.client import Item, Page
from services.reddit.errors import RedditUnavailable
from services.reddit.records import OddRow, is_gone, text_record
from services.topics.places import gazetteer
from services.topics.sources.source import NotNow, Step
from services.topics.wanted import FoundPost, Matcher, Topic


class SearchClient(Protocol):
    """What is asked of Reddit; as `services.reddit.client.Client`."""

    def search(self, text: str, subreddits: str, after: str = "") -> Page:
        """Return a page of the submissions that Reddit finds, newest first, from behind `after` on."""

    def look_up(self, names: Sequence[str]) -> list[Item]:
        """Return what is left of some submissions and comments."""


class RedditSearch:
    """Searches submissions, the newest first, as far as Reddit shows any: some 1,000.

    What Reddit finds is looked at again, since it finds what is only like the words, too. Where people are is
    what their flair says.

    subreddits  "all", or names joined by "+"
    """

    listens = False

    def __init__(self, client: SearchClient, subreddits: str = "all") -> None:
        self._client = client
        self._subreddits = subreddits

    def open(self, topic: Topic, place: Any) -> "_Reading":
        return _Reading(self._client, self._subreddits, topic, place or "")

    def gone(self, ids: Sequence[str]) -> Sequence[str]:
        try:
            left = {item.row["id"] for item in self._client.look_up(ids) if not is_gone(item.row)}
        except RedditUnavailable as error:
            raise NotNow(str(error)) from error
        return [each for each in ids if each not in left]


class _Reading:
    def __init__(self, client: SearchClient, subreddits: str, topic: Topic, after: str) -> None:
        self._client = client
        self._subreddits = subreddits
        self._topic = topic
        self._matcher = Matcher(topic)
        self._after = after

    def step(self) -> Step:
        try:
            page = self._client.search(self._topic.query, self._subreddits, self._after)
        except RedditUnavailable as error:
            raise NotNow(str(error)) from error
        found = [post for post in map(self._found, page.items) if post is not None]
        self._after = page.items[-1].row["id"] if page.items else ""
        return Step(
            found, self._after, is_done=not page.has_more or len(page.items) == 0 or self._is_over(page)
        )

    def close(self) -> None:
        """Hold nothing."""

    def _is_over(self, page: Page) -> bool:
        """Say whether all that comes is older than what is asked for."""
        least = self._topic.from_utc
        created_utc = page.items[-1].row.get("created_utc")
        return least is not None and isinstance(created_utc, int | float) and created_utc < least

    def _found(self, item: Item) -> FoundPost | None:
        if is_gone(item.row):
            return None
        try:
            record = text_record(item.row)
        except OddRow:
            return None
        if not self._matcher.finds(record):
            return None
        stated = str(item.row.get("author_flair_text") or "")[:200]
        return self._matcher.found(
            record, "reddit", language="", stated=stated, place=gazetteer().place_of(stated)
        )
