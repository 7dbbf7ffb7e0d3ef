"""Full batches that are handled fast share a commit; nothing of it is lost, repeated or late for that."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing

import pytest
from prometheus_client import CollectorRegistry

from catenae.broker import NO_NOTES, Batch, Broker, Input, Notes, Position, Session, TopicSpec
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.errors import StoreUnavailable
from catenae.message import Message, Record, TopicPartition
from catenae.microservice import Middle
from catenae.observability.metrics import NodeMetrics
from catenae.runtime.handler import Handler
from catenae.runtime.history import History
from catenae.runtime.loop import SHARED_COMMIT_S, Loop, Step
from catenae.runtime.node_state import NodeState
from catenae.runtime.plan import Plan
from catenae.runtime.state import FencedState
from catenae.stores import open_store
from catenae.testing import FakeClock

CODEC = Codec()
PLAN = Plan("demo", "echo", "echo-0", (Input("in"),), {"": "out"}, batch_records=4)


class CountingSession:
    """A session that counts its commits, and can be disturbed after a poll."""

    def __init__(self, inner: Session) -> None:
        self._inner = inner
        self.commits = 0
        self.after_poll: Callable[[], None] = lambda: None
        self.stage, self.pause, self.close = inner.stage, inner.pause, inner.close

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        return self._inner.owned

    def poll(self, limits: Mapping[str, int], timeout_s: float, held: Sequence[Batch] = ()) -> Batch:
        batch = self._inner.poll(limits, timeout_s, held)
        self.after_poll()
        return batch

    def commit(self, batches: Sequence[Batch], outputs: Sequence[Record], notes: Notes = NO_NOTES) -> None:
        self._inner.commit(batches, outputs, notes)
        self.commits += 1


class Echo(Middle):
    """Pass on, taking its time; the message `away_at` finds the store away, once."""

    def __init__(self, clock: FakeClock, each_s: float = 0.0, away_at: int = -1) -> None:
        self._clock = clock
        self._each_s = each_s
        self._away_at = away_at

    def transform(self, message: Message) -> Iterator[Message]:
        self._clock.advance(self._each_s)
        if message.value == self._away_at:
            self._away_at = -1
            raise StoreUnavailable("away")
        yield message.derive(message.value)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def broker(clock: FakeClock) -> Iterator[Broker]:
    with closing(open_broker("embedded:", clock)) as broker:
        broker.create_topics([TopicSpec("in", 2), TopicSpec("out", 1)])
        for number in range(20):
            data, headers = CODEC.encode("in", number)
            broker.append([Record("in", b"k", data, headers, partition=0)])
        yield broker


def loop_of(
    broker: Broker, service: Middle, clock: FakeClock, **states: FencedState[int]
) -> tuple[Loop, CountingSession]:
    session = CountingSession(broker.join(PLAN.group, PLAN.instance, PLAN.inputs))
    metrics = NodeMetrics("demo", "echo", CollectorRegistry())
    handler = Handler(service, PLAN, CODEC, list(states.values()), clock)
    state = NodeState(open_store("embedded:"), "demo.echo", states, History(broker, PLAN), clock)
    return Loop(PLAN, session, handler, state, metrics, clock), session


def written(broker: Broker) -> list[int]:
    return [CODEC.decode(each) for each in broker.read("out", 0, 0, 100)]


def test_fast_full_batches_share_a_commit(broker: Broker, clock: FakeClock) -> None:
    loop, session = loop_of(broker, Echo(clock), clock)

    assert loop.step(0.0) is Step.MOVED
    assert (written(broker), session.commits) == (list(range(20)), 1)


def test_a_commit_is_shared_for_a_moment_only(broker: Broker, clock: FakeClock) -> None:
    loop, session = loop_of(broker, Echo(clock, each_s=SHARED_COMMIT_S / 4), clock)

    loop.step(0.0)
    assert (written(broker), session.commits) == ([0, 1, 2, 3], 1)


def test_batches_that_change_state_have_a_commit_each(broker: Broker, clock: FakeClock) -> None:
    loop, session = loop_of(broker, Echo(clock), clock, kept=FencedState(open_store("embedded:"), "kept"))

    loop.step(0.0)
    assert (written(broker), session.commits) == ([0, 1, 2, 3], 1)


def test_what_was_staged_before_an_error_is_handled_again(broker: Broker, clock: FakeClock) -> None:
    loop, session = loop_of(broker, Echo(clock, away_at=6), clock)
    with pytest.raises(StoreUnavailable):
        loop.step(0.0)
    assert (written(broker), session.commits) == ([], 0)

    while loop.step(0.0) is Step.MOVED:
        pass
    assert written(broker) == list(range(20))


def test_a_change_of_owners_in_between_abandons_all_of_it(
    broker: Broker, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    loop, session = loop_of(broker, Echo(clock), clock)
    others: list[Session] = []

    def let_another_join() -> None:
        if not others:
            others.append(broker.join(PLAN.group, "echo-1", PLAN.inputs))

    session.after_poll = let_another_join

    assert loop.step(0.0) is Step.ABANDONED
    assert caplog.messages == ["batch abandoned, it comes again"]
    assert (written(broker), session.commits) == ([], 0)
