"""Everything a user wrote, as far as Reddit's API reaches back, and again and again what is new or gone."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from catenae import ConfigError, Documents, Message, Middle, State, Store, Timers
from services.reddit.client import Client, RedditClient
from services.reddit.errors import RedditUnavailable
from services.reddit.queue_rule import DELAYS_S, QUEUES, revisit_queue
from services.reddit.rate_budget import REQUESTS, WINDOW_S, Allowance, OutOfBudget, RateBudget
from services.reddit.records import GROUP
from services.reddit.visit import DONE, Found, UserRecord, Visit, advance

# A visit that fails so often is given up until the next one.
MOST_FAILURES = 5
UNREACHABLE = "unreachable"


class UserContentCrawler(Middle):
    """Visit users. Reads `{"user", "ticket"}` and `{"user", "probability"}`, all keyed by user.

    Writes to port "texts" a text record for each new submission or comment, and the former record with
    `"removed": true` for each that is gone; to "visits" what a visit came to; to "continued" the user whose
    visit is not done after `step_s` seconds, so that no visit holds an instance up.

    A timer wakes it for the next visit, when `queue_rule` says.

    What was passed on is remembered by number, in State, with the progress of the visit: so a crash repeats
    and loses nothing. The text of what is gone is read from the documents, the only place it was kept; one
    that is not stored there is looked at again in the next visit. A message with an old ticket is left alone,
    as is any of a user who was forgotten.

    budget_requests, budget_window_s  the most requests in so many seconds, of all crawlers together
    revisit_delays_s  how long users wait in each of the queues
    posts    collection of the text records
    client   and clock, seconds since 1970: given by tests
    """

    shared_limit = "the requests that Reddit allows"
    ports: ClassVar[tuple[str, ...]] = ("texts", "visits", "continued")

    def __init__(  # noqa: PLR0913, PLR0917  collaborators and options
        self,
        users: State[list[Any]],
        risks: State[float],
        timers: Timers,
        store: Store,
        documents: Documents,
        budget_requests: int = REQUESTS,
        budget_window_s: float = WINDOW_S,
        step_s: float = 1.0,
        revisit_delays_s: Sequence[float] = DELAYS_S,
        posts: str = "posts",
        client: Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if len(revisit_delays_s) != QUEUES:
            raise ConfigError(
                f"option 'revisit_delays_s' of UserContentCrawler has {len(revisit_delays_s)} numbers; give "
                f"{QUEUES}, one for each queue"
            )
        budget = RateBudget(store, Allowance(budget_requests, budget_window_s))
        self._client = client or RedditClient(budget)
        self._users = users
        self._risks = risks
        self._timers = timers
        self._delays_s = revisit_delays_s
        self._documents = documents
        self._posts = posts
        self._step_s = step_s
        self._clock = clock

    def setup(self) -> None:
        self._client.check()

    def transform(self, message: Message) -> Iterator[Message]:
        user = message.value["user"]
        record = UserRecord.unpacked(self._users.get(user))
        if "probability" in message.value:
            if user in self._users:
                self._risks[user] = message.value["probability"]
                self._hasten(user, record, message.value["probability"])
        elif message.value["ticket"] != record.ticket:
            return
        elif record.queue:
            # From the release before, where who waited was a message: it tells since when.
            self._timers.set(user, at_ms=self._due_ms(record.queue, message.event_ms / 1000))
        else:
            yield from self._visit(message, user, record)

    def wake(self, message: Message[str]) -> Iterator[Message]:
        record = UserRecord.unpacked(self._users.get(message.key))
        # What comes of it is not of the time for which the timer was set.
        yield from self._visit(message._replace(headers={}), message.key, record)

    def _hasten(self, user: str, record: UserRecord, probability: float) -> None:
        """Put a user who waits, and is found to be at risk, into a sooner queue."""
        if record.queue:
            queue = revisit_queue(record.ages_s(self._clock()), probability)
            due_ms = self._timers.moment_ms(user)
            if queue < record.queue and (due_ms is None or self._due_ms(queue, self._clock()) < due_ms):
                self._wait(user, record, queue)
                self._users[user] = record.packed()

    def _visit(self, message: Message, user: str, record: UserRecord) -> Iterator[Message]:
        found = self._step(user, record)
        # They come by kind and page, not by time: whoever judges the user waits for all of a visit.
        together = {**message.headers, GROUP: f"visit {record.visits}".encode()}
        for text in (*found.texts, *self._removed(record, found.gone)):
            yield message.derive(text, to="texts")._replace(headers=together)
        visit = record.running()
        if visit.phase == DONE or visit.status == UNREACHABLE:
            yield from self._finish(message, user, record, visit)
        else:
            yield message.derive({"user": user, "ticket": record.ticket}, to="continued")
        self._users[user] = record.packed()

    def _step(self, user: str, record: UserRecord) -> Found:
        """Advance the visit for about `step_s` seconds, one request at least if there is a turn for it."""
        until_s = self._clock() + self._step_s
        visit = record.running()
        total = Found()
        try:
            while visit.phase != DONE:
                found = advance(user, record, self._client)
                total.texts += found.texts
                total.gone += found.gone
                visit.failures = 0
                if self._clock() >= until_s:
                    break
        except OutOfBudget:
            pass
        except RedditUnavailable:
            visit.failures += 1
            if visit.failures >= MOST_FAILURES:
                visit.status = UNREACHABLE
        return total

    def _removed(self, record: UserRecord, names: list[str]) -> Iterator[dict[str, Any]]:
        for name in names:
            document = self._documents.get(self._posts, name)
            if document is not None:
                record.remove(name, document["kind"])
                record.running().gone += 1
                yield {**document, "removed": True}

    def _finish(self, message: Message, user: str, record: UserRecord, visit: Visit) -> Iterator[Message]:
        now_s = self._clock()
        record.visits += 1
        record.visit = None
        record.failures = record.failures + 1 if visit.status == UNREACHABLE else 0
        queue = self._next_queue(user, record, visit.status, now_s)
        came_to = {
            "user": user,
            "visits": record.visits,
            "visited_utc": int(now_s),
            "status": visit.status,
            "queue": queue,
            "new": visit.new,
            "gone": visit.gone,
            "items": sum(map(len, record.known)),
        }
        yield message.derive(came_to, to="visits")
        self._wait(user, record, queue)

    def _next_queue(self, user: str, record: UserRecord, status: str, now_s: float) -> int:
        """Return the queue by the rule; sooner after no answer, last where there is none to have."""
        if status == UNREACHABLE:
            return min(record.failures, QUEUES)
        if status != "active":
            return QUEUES
        return revisit_queue(record.ages_s(now_s), self._risks.get(user, 0.0))

    def _wait(self, user: str, record: UserRecord, queue: int) -> None:
        record.wait_in(queue)
        self._timers.set(user, after_s=self._delays_s[queue - 1])

    def _due_ms(self, queue: int, since_s: float) -> int:
        """Return when the wait in a queue is over, in milliseconds since 1970."""
        return int((since_s + self._delays_s[queue - 1]) * 1000)
