"""What the crawlers of new submissions and of new comments have in common."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from catenae import Message, Source, Store
from services.reddit.client import Client, Item, Page, RedditClient
from services.reddit.errors import RedditUnavailable
from services.reddit.rate_budget import REQUESTS, WINDOW_S, Allowance, OutOfBudget, RateBudget
from services.reddit.records import Kind, is_gone

BOTS = ("AutoModerator",)
# Items do not always appear in the order of their numbers, so the last ones are remembered one by one.
REMEMBERED = 200
AUTHORS_REMEMBERED = 500
# Should the item that a page ended with be deleted before the next is asked for, the one before it serves.
ANCHORS = 3
PATIENCE_S = 0.5


class ListingCrawler(Source):
    """Watch what is new on Reddit. Writes `{"user"}`, keyed by user, for each author not seen lately.

    subreddits  "all", or names joined by "+"
    every_s     seconds between two looks
    most_pages  how far back a look goes at most, in pages of 100: Reddit's own limit is 10
    skip        authors to leave out: bots
    budget_requests, budget_window_s  as in `UserContentCrawler`
    client      and clock, seconds since 1970: given by tests

    The position is the numbers of the last items seen. A look begins at the newest and goes back until it
    comes to those, so it needs no item to be there still; what is out of Reddit's reach by then is missed.
    """

    kind: ClassVar[Kind]

    def __init__(  # noqa: PLR0913, PLR0917  options
        self,
        store: Store,
        subreddits: str = "all",
        every_s: float = 10.0,
        most_pages: int = 10,
        skip: Sequence[str] = BOTS,
        budget_requests: int = REQUESTS,
        budget_window_s: float = WINDOW_S,
        client: Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        budget = RateBudget(store, Allowance(budget_requests, budget_window_s), PATIENCE_S)
        self._client = client or RedditClient(budget)
        self._subreddits = subreddits
        self._every_s = every_s
        self._most_pages = most_pages
        self._skip = {name.casefold() for name in skip}
        self._clock = clock
        self._obstacle = ""

    def setup(self) -> None:
        self._client.check(self._subreddits)

    def generate(self, position: Any) -> Iterator[Message | None]:
        seen: list[int] = list(position or ())
        authors = _Recent(AUTHORS_REMEMBERED)
        while True:
            due_s = self._clock() + self._every_s
            look = _Look(seen, self._most_pages)
            while not look.is_done:
                try:
                    look.add(self._client.newest(self.kind, self._subreddits, look.after))
                    self._obstacle = ""
                except RedditUnavailable as error:
                    # To wait for a turn is no obstacle, and takes none away.
                    self._obstacle = self._obstacle if type(error) is OutOfBudget else str(error)
                    yield None
            for item in look.items:
                seen = sorted({*seen, item.number})[-REMEMBERED:]
                author = self._author(item)
                if author and authors.add(author):
                    yield Message({"user": author}, author, position=seen)
            while self._clock() < due_s:
                yield None

    def obstacle(self) -> str:
        return self._obstacle

    def _author(self, item: Item) -> str:
        """Return whom an item leads to; empty for nobody."""
        author = item.row.get("author")
        if not isinstance(author, str) or is_gone({"author": author}) or author.casefold() in self._skip:
            return ""
        return author


class _Look:
    """One look at a listing: pages are added until one reaches what was seen before."""

    def __init__(self, seen: Sequence[int], most_pages: int) -> None:
        self._seen = frozenset(seen)
        self._reached = min(seen, default=0)
        self._pages = most_pages
        self._anchors: list[str] = []
        self._found: dict[int, Item] = {}
        self.is_done = False

    @property
    def after(self) -> str:
        """Behind which name the next page begins."""
        return self._anchors[0] if self._anchors else ""

    @property
    def items(self) -> list[Item]:
        """What is new, oldest first."""
        return [self._found[number] for number in sorted(self._found)]

    def add(self, page: Page) -> None:
        self._pages -= 1
        for item in page.items:
            if item.number > self._reached and item.number not in self._seen:
                self._found[item.number] = item
        if not page.items and self._anchors[1:] and self._pages > 0:
            self._anchors = self._anchors[1:]
            return
        self._anchors = [each.row["id"] for each in reversed(page.items[-ANCHORS:])]
        is_reached = not page.items or page.items[-1].number <= max(self._seen, default=0)
        self.is_done = is_reached or not page.has_more or self._pages <= 0 or not self._seen


class _Recent:
    """The last names that were added."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._names: OrderedDict[str, None] = OrderedDict()

    def add(self, name: str) -> bool:
        """Add a name as the latest; return whether it was new."""
        is_new = name not in self._names
        self._names[name] = None
        self._names.move_to_end(name)
        if len(self._names) > self._most:
            self._names.popitem(last=False)
        return is_new
