"""Users are visited again in the order and at the times that the queue rule gives, by a clock passed in.

Six hours of the declared delays are a second here.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from catenae import Documents, Message, Middle, Node, State, Store, Timers, Topology, testing
from catenae.testing import FakeClock, drain
from services.reddit.queue_rule import DELAYS_S as DECLARED_S
from services.reddit.queue_rule import QUEUES, revisit_queue
from services.reddit.user_content_crawler import UserContentCrawler
from tests.services.reddit.fake_reddit import DAY_S, FakeReddit
from topologies.reddit import topology as declared

SHORTER = 6 * 3600.0
DELAYS_S = [delay_s / SHORTER for delay_s in DECLARED_S]
# For each queue, how old the items of a user are that wait in it.
AGES_DAYS = (0.5, 2, 5, 10, 30, 100)


class Clocked:
    """What the crawler of a test is made with; a topology can only name its class."""

    clock = FakeClock()
    reddit = FakeReddit(clock)


class ClockedCrawler(UserContentCrawler):
    """The crawler on a Reddit in memory, and on the test's clock."""

    def __init__(
        self,
        users: State[list[Any]],
        risks: State[float],
        timers: Timers,
        store: Store,
        documents: Documents,
    ) -> None:
        super().__init__(
            users,
            risks,
            timers,
            store,
            documents,
            revisit_delays_s=DELAYS_S,
            client=Clocked.reddit,
            clock=Clocked.clock.now_s,
        )


class Screening(Middle):
    """Find whoever is called so to be at risk."""

    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive({"user": message.key, "probability": 0.9 if message.key == "at risk" else 0.1})


def _node() -> Node:
    node = declared.node("user_content_crawler")
    return replace(node, service=f"{__name__}:ClockedCrawler", options={}, concurrency=1)


@pytest.fixture
def crawl(monkeypatch: pytest.MonkeyPatch) -> Topology:
    """Return the crawler and what tells it of risk as a topology that `drain` runs on the test's clock."""
    Clocked.clock = FakeClock()
    Clocked.reddit = FakeReddit(Clocked.clock)
    monkeypatch.setattr(testing, "FakeClock", lambda: Clocked.clock)
    screening = Node("screening", f"{__name__}:Screening", reads="texts", writes="user_probabilities")
    return Topology(
        "revisits",
        nodes=(_node(), screening, declared.node("risk_filter")),
        external=("new_users", "visits"),
    )


def write(user: str, age_days: float, base: int) -> None:
    Clocked.reddit.write(user, *range(base, base + 12), age_s=age_days * DAY_S)


def first_visits(users: Sequence[str]) -> list[Message]:
    return [Message({"user": user, "ticket": 0}, user) for user in users]


def times_s(visits: Sequence[Message], began_s: float) -> dict[str, list[float]]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for each in visits:
        found[each.value["user"]].append(each.timestamp_ms / 1000 - began_s)
    return {user: sorted(times) for user, times in found.items()}


@pytest.mark.lengthy
def test_each_queue_is_visited_again_after_its_own_delay(crawl: Topology) -> None:
    users = [f"user {queue}" for queue in range(1, QUEUES + 1)]
    for place, user in enumerate(users):
        write(user, AGES_DAYS[place], 100 * place + 1)
    began_s, for_s = Clocked.clock.now_s(), DELAYS_S[-1]

    topics = drain(crawl, {"new_users": first_visits(users)}, for_s=for_s)

    assert times_s(topics["visits"], began_s) == {
        user: [turn * delay_s for turn in range(1 + int(for_s / delay_s))]
        for user, delay_s in zip(users, DELAYS_S, strict=True)
    }


@pytest.mark.lengthy
def test_who_waits_in_a_sooner_queue_is_visited_first(crawl: Topology) -> None:
    users = [f"user {queue}" for queue in range(QUEUES, 0, -1)]
    for place, user in enumerate(users):
        write(user, AGES_DAYS[QUEUES - 1 - place], 100 * place + 1)

    topics = drain(crawl, {"new_users": first_visits(users)}, for_s=DELAYS_S[-1])

    second = [each for each in topics["visits"] if each.value["visits"] == 2]
    order = [each.value["user"] for each in sorted(second, key=lambda each: each.timestamp_ms)]
    assert order == [f"user {queue}" for queue in range(1, QUEUES + 1)]


@pytest.mark.lengthy
def test_who_is_found_to_be_at_risk_is_visited_sooner(crawl: Topology) -> None:
    write("calm", 100, 1)
    write("at risk", 100, 101)
    began_s = Clocked.clock.now_s()

    topics = drain(crawl, {"new_users": first_visits(["calm", "at risk"])}, for_s=3 * DELAYS_S[0])

    assert times_s(topics["visits"], began_s) == {
        "calm": [0.0],
        "at risk": [turn * DELAYS_S[0] for turn in range(4)],
    }
    assert revisit_queue([100 * DAY_S] * 12, 0.1) == QUEUES
