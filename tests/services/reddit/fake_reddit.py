"""A Reddit in memory, behind the crawlers' own contract of a client, and a crawler that visits it."""

from collections.abc import Sequence
from typing import Any

from catenae import Documents, Message, Store
from catenae.testing import FakeClock, MemoryState, MemoryTimers, message
from services.reddit.client import Item, Page
from services.reddit.errors import UserUnreadable
from services.reddit.ids import name_of, number_of
from services.reddit.queue_rule import DELAYS_S
from services.reddit.records import Kind
from services.reddit.user_content_crawler import UserContentCrawler

DAY_S = 86_400


class FakeReddit:
    """A `Client` on rows by name.

    page_items   how long a page is
    reach_items  how far back a listing goes
    request_s    how long each request takes
    """

    def __init__(self, clock: FakeClock, page_items: int = 3) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.statuses: dict[str, str] = {}
        self.errors: Sequence[Exception] = ()
        self.requests: list[str] = []
        self.request_s = 0.0
        self.reach_items = 1000
        self._clock = clock
        self._page_items = page_items

    def write(self, user: str, *numbers: int, kind: Kind = "comment", age_s: float = 0.0) -> None:
        """Have a user write items of these numbers."""
        text = {"body": "so sad"} if kind == "comment" else {"title": "tea", "selftext": "so sad"}
        for number in numbers:
            name = name_of(kind, number)
            created_utc = int(self._clock.now_s() - age_s)
            self.rows[name] = {"id": name, "author": user, "created_utc": created_utc, **text}

    def delete(self, *numbers: int, kind: Kind = "comment") -> None:
        """Have items deleted by their author."""
        for number in numbers:
            del self.rows[name_of(kind, number)]

    def check(self, subreddits: str = "all") -> None:
        pass

    def newest(self, kind: Kind, subreddits: str, after: str = "") -> Page:
        return self._page(f"new {kind}", kind, after, lambda row: True)

    def written_by(self, user: str, kind: Kind, after: str = "") -> Page:
        if user in self.statuses:
            raise UserUnreadable(self.statuses[user])
        return self._page(f"{user} {kind} {after}".strip(), kind, after, lambda row: row["author"] == user)

    def look_up(self, names: Sequence[str]) -> list[Item]:
        self._request("look up " + " ".join(sorted(names)))
        return [Item(number_of(name), self.rows[name]) for name in names if name in self.rows]

    def _page(self, request: str, kind: Kind, after: str, is_wanted: Any) -> Page:
        self._request(request)
        some = [row for row in self.rows.values() if row["id"].startswith(name_of(kind, 0)[:3])]
        found = sorted((row for row in some if is_wanted(row)), key=lambda row: -number_of(row["id"]))
        found = found[: self.reach_items]
        if after:
            # As Reddit: behind what is not there any more, there is nothing.
            at = [row["id"] for row in found].index(after) + 1 if after in self.rows else len(found)
            found = found[at:]
        items = [Item(number_of(row["id"]), row) for row in found[: self._page_items]]
        return Page(items, has_more=len(found) > self._page_items)

    def _request(self, request: str) -> None:
        self._clock.advance(self.request_s)
        if self.errors:
            error, *self.errors = self.errors
            raise error
        self.requests.append(request)


class Visits:
    """A crawler, its State and the posts as they would be stored."""

    def __init__(self, reddit: FakeReddit, store: Store, documents: Documents, clock: FakeClock) -> None:
        self.users: MemoryState[list[Any]] = MemoryState()
        self.risks: MemoryState[float] = MemoryState()
        self.documents = documents
        self.timers = MemoryTimers(clock)
        self.crawler = UserContentCrawler(
            self.users, self.risks, self.timers, store, documents, client=reddit, clock=clock.now_s
        )

    def handle(self, value: dict[str, Any]) -> list[Message]:
        """Hand over one message, and store what a storer would."""
        return self._stored(list(self.crawler.transform(message(value, value["user"]))))

    def _stored(self, out: list[Message]) -> list[Message]:
        for text in texts(out):
            if text.get("removed"):
                self.documents.delete("posts", [text["id"]])
            elif "id" in text:
                self.documents.upsert("posts", [text])
        return out

    def waits_s(self, user: str = "ann") -> float | None:
        """Return how long the user waits for the next visit."""
        moment_ms = self.timers.moment_ms(user)
        return None if moment_ms is None else moment_ms / 1000 - self.timers.clock.now_s()

    def wake(self) -> list[Message]:
        """Let time pass until everybody's next visit is due; return what comes of it."""
        self.timers.clock.advance(DELAYS_S[-1])
        return self._stored([each for timer in self.timers.due() for each in self.crawler.wake(timer)])

    def visit(self, user: str = "ann", ticket: int = 0) -> list[Message]:
        """Hand over a user until the visit is over, a next one once it is due; return all that came of it."""
        is_first = self.waits_s(user) is None
        out = self.handle({"user": user, "ticket": ticket}) if is_first else self.wake()
        while following := [each for each in out[-1:] if each.port == "continued"]:
            out += self.handle(following[0].value)
        return out


def texts(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [each.value for each in messages if each.port == "texts"]


def ids(messages: Sequence[Message]) -> list[str]:
    return [each["id"] for each in texts(messages)]
