from collections.abc import Iterator
from contextlib import closing
from typing import Any, ClassVar

import pytest
from prometheus_client import CollectorRegistry

from catenae.broker import Broker, Input, TopicSpec
from catenae.brokers import open_broker
from catenae.codec import Codec, encode_key
from catenae.errors import StoreUnavailable, TopologyError, TransientError
from catenae.message import Message, Record
from catenae.microservice import Middle, Source
from catenae.observability.metrics import NodeMetrics
from catenae.observability.multiprocess import node_totals
from catenae.runtime.encoder import Encoder
from catenae.runtime.handler import Handler
from catenae.runtime.history import History
from catenae.runtime.loop import Loop, Step
from catenae.runtime.node_state import NodeState
from catenae.runtime.plan import Plan
from catenae.runtime.source_loop import SourceLoop
from catenae.runtime.state import FencedState
from catenae.store import State
from catenae.stores import open_store
from catenae.stores.memory import MemoryStore
from catenae.testing import FakeClock

CODEC = Codec()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def broker(clock: FakeClock) -> Iterator[Broker]:
    with closing(open_broker("embedded:", clock)) as broker:
        broker.create_topics([TopicSpec("in", 2), TopicSpec("out", 2), TopicSpec("in.dead", 2)])
        broker.create_topics([TopicSpec("out.dead", 2), TopicSpec("demo.count.position", 1)])
        yield broker


def metrics(node: str) -> tuple[NodeMetrics, CollectorRegistry]:
    registry = CollectorRegistry()
    return NodeMetrics("demo", node, registry), registry


def counted(registry: CollectorRegistry, name: str, node: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"catenae_{name}_total", {"topology": "demo", "node": node, **labels})


def write(broker: Broker, *values: Any) -> None:
    encoded = (CODEC.encode("in", each) for each in values)
    broker.append([Record("in", encode_key("k"), data, headers) for data, headers in encoded])


def values(broker: Broker, topic: str) -> list[Any]:
    partitions = enumerate(broker.spans(topic))
    return [
        CODEC.decode(each) for number, span in partitions for each in broker.read(topic, number, 0, span.end)
    ]


def dead_letters(broker: Broker) -> list[Record]:
    partitions = enumerate(broker.spans("in.dead"))
    return [each for number, span in partitions for each in broker.read("in.dead", number, 0, span.end)]


class Echo(Middle):
    """Pass on; raise what `trouble` holds first."""

    def __init__(self, *trouble: Exception) -> None:
        self.trouble = list(trouble)

    def transform(self, message: Message) -> Iterator[Message]:
        if self.trouble:
            raise self.trouble.pop(0)
        yield message.derive(message.value)


def echo_loop(broker: Broker, service: Middle, clock: FakeClock) -> tuple[Loop, CollectorRegistry]:
    plan = Plan("demo", "echo", "echo-0", (Input("in"),), {"": "out"})
    node_metrics, registry = metrics("echo")
    session = broker.join(plan.group, plan.instance, plan.inputs)
    state = NodeState(open_store("embedded:"), "demo.echo", {}, History(broker, plan), clock)
    return Loop(plan, session, Handler(service, plan, CODEC, [], clock), state, node_metrics, clock), registry


def test_a_step_moves_a_batch_and_the_next_finds_nothing(broker: Broker, clock: FakeClock) -> None:
    write(broker, 1, 2, 3)
    loop, registry = echo_loop(broker, Echo(), clock)

    assert [loop.step(0.0), loop.step(0.0)] == [Step.MOVED, Step.IDLE]
    assert values(broker, "out") == [1, 2, 3]
    assert counted(registry, "messages_in", "echo", topic="in") == 3
    assert counted(registry, "messages_out", "echo", topic="out") == 3


def test_the_work_of_polls_is_counted_with_the_batch_and_waiting_is_not(
    broker: Broker, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of the processor, which does nothing while a poll waits: a tenth of a second between two looks.
    ticks = (number / 10 for number in range(100))
    monkeypatch.setattr("catenae.runtime.loop.thread_time", lambda: next(ticks))
    loop, registry = echo_loop(broker, Echo(), clock)
    loop.step(0.0)
    write(broker, 1)
    loop.step(0.0)

    assert counted(registry, "poll_seconds", "echo") == pytest.approx(0.2)


def test_a_batch_that_could_not_reach_the_store_comes_again(broker: Broker, clock: FakeClock) -> None:
    write(broker, 1, 2)
    loop, _ = echo_loop(broker, Echo(StoreUnavailable("away")), clock)
    with pytest.raises(StoreUnavailable):
        loop.step(0.0)

    assert loop.step(0.0) is Step.MOVED
    assert values(broker, "out") == [1, 2]


def test_a_broker_that_takes_long_to_commit_gets_no_more_commits_for_that(
    broker: Broker, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(broker, *range(400))
    loop, _ = echo_loop(broker, Echo(), clock)
    at_once = loop._session.commit

    def commit(*arguments: Any) -> None:
        at_once(*arguments)
        clock.advance(2.0)

    monkeypatch.setattr(loop._session, "commit", commit)
    for _ in range(6):
        loop.step(0.0)

    assert len(values(broker, "out")) == 400


class SmallStore(MemoryStore):
    """A store whose records take little."""

    @property
    def max_value_bytes(self) -> Any:
        return 100


class Remember(Middle):
    """Keep the last value of each key."""

    def __init__(self, last: State[str]) -> None:
        self._last = last

    def transform(self, message: Message) -> Iterator[Message]:
        self._last[message.key] = message.value
        yield message.derive(message.value)


def test_a_message_that_makes_state_too_large_is_set_aside(broker: Broker, clock: FakeClock) -> None:
    write(broker, "short", "x" * 40)
    plan = Plan("demo", "keep", "keep-0", (Input("in"),), {"": "out"})
    store = SmallStore()
    last: FencedState[str] = FencedState(store, "demo.keep.last")
    state = NodeState(store, "demo.keep", {"last": last}, History(broker, plan), clock)
    handler = Handler(Remember(last), plan, CODEC, [last], clock)
    session = broker.join(plan.group, plan.instance, plan.inputs)
    Loop(plan, session, handler, state, metrics("keep")[0], clock).step(0.0)

    assert values(broker, "out") == ["short"]
    assert [each.headers["dead-reason"] for each in dead_letters(broker)] == [b"RecordTooLarge"]


def test_a_dead_letter_is_counted_by_reason(broker: Broker, clock: FakeClock) -> None:
    write(broker, 1)
    loop, registry = echo_loop(broker, Echo(ValueError()), clock)
    loop.step(0.0)

    assert values(broker, "in.dead") == [1]
    assert counted(registry, "dead_letters", "echo", reason="ValueError") == 1


class Count(Source):
    """Generate the numbers below `stop`; -1 in between asks for a rest, odd ones are refused if told so."""

    def __init__(self, stop: int, rest_after: int = -1, refused: int = -1) -> None:
        self._stop = stop
        self._rest_after = rest_after
        self._refused = refused
        self.started_after: list[Any] = []

    def generate(self, position: Any) -> Iterator[Message | None]:
        self.started_after.append(position)
        for number in range(0 if position is None else position + 1, self._stop):
            yield Message(number, position=number, rejected="odd" if number == self._refused else "")
            if number == self._rest_after:
                yield None


def count_loop(
    broker: Broker,
    source: Source,
    clock: FakeClock,
    member: str = "count-0",
    backlog: int = 0,
    figures: NodeMetrics | None = None,
) -> SourceLoop:
    plan = Plan("demo", "count", member, (Input("demo.count.position"),), {"": "out"}, batch_records=4)
    session = broker.join(plan.group, plan.instance, plan.inputs)
    figures = figures or metrics("count")[0]
    return SourceLoop(
        source, plan, session, Encoder(plan, CODEC), lambda: backlog * (plan.max_backlog + 1), figures, clock
    )


def test_a_source_generates_until_it_is_exhausted(broker: Broker, clock: FakeClock) -> None:
    loop = count_loop(broker, Count(6), clock)

    assert [loop.step(0.0), loop.step(0.0)] == [Step.MOVED, Step.FINISHED]
    assert sorted(values(broker, "out")) == [0, 1, 2, 3, 4, 5]


def test_a_source_that_knows_its_end_tells_how_far_it_has_come(broker: Broker, clock: FakeClock) -> None:
    class Known(Count):
        def progress(self) -> float:
            return 0.4

    figures, registry = metrics("count")
    count_loop(broker, Known(6), clock, figures=figures).step(0.0)

    assert node_totals(registry.collect())["count"].progress == 0.4


def test_a_source_that_does_not_know_its_end_says_nothing_of_it(broker: Broker, clock: FakeClock) -> None:
    figures, registry = metrics("count")
    count_loop(broker, Count(6), clock, figures=figures).step(0.0)

    assert node_totals(registry.collect())["count"].progress is None


def test_a_source_that_rests_is_asked_again_without_starting_anew(broker: Broker, clock: FakeClock) -> None:
    source = Count(6, rest_after=1)
    loop = count_loop(broker, source, clock)
    loop.step(0.0)
    assert sorted(values(broker, "out")) == [0, 1]
    loop.step(0.0)

    assert sorted(values(broker, "out")) == [0, 1, 2, 3, 4, 5]
    assert source.started_after == [None]


def test_a_new_instance_goes_on_just_after_the_last_commit(broker: Broker, clock: FakeClock) -> None:
    count_loop(broker, Count(9), clock).step(0.0)
    heir = Count(9)
    loop = count_loop(broker, heir, clock)
    loop.step(0.0)
    loop.step(0.0)

    assert heir.started_after == [3]
    assert sorted(values(broker, "out")) == list(range(9))


def test_a_second_instance_stands_by_until_the_first_leaves(broker: Broker, clock: FakeClock) -> None:
    first = count_loop(broker, Count(9), clock, "count-0")
    second = count_loop(broker, Count(9), clock, "count-1")
    assert second.step(0.0) is Step.WAITING
    first.close()

    assert second.step(0.0) is Step.MOVED


def test_a_source_pauses_while_its_readers_are_too_far_behind(broker: Broker, clock: FakeClock) -> None:
    loop = count_loop(broker, Count(9), clock, backlog=1)

    assert loop.step(0.0) is Step.WAITING
    assert values(broker, "out") == []


def test_a_source_without_positions_is_stopped_at_once(broker: Broker, clock: FakeClock) -> None:
    class Forgetful(Source):
        def generate(self, position: Any) -> Iterator[Message | None]:
            yield Message(1)

    with pytest.raises(TopologyError, match="without a position"):
        count_loop(broker, Forgetful(), clock).step(0.0)


def test_what_a_source_cannot_send_is_set_aside_and_the_rest_goes_on(
    broker: Broker, clock: FakeClock
) -> None:
    class Odd(Source):
        def generate(self, position: Any) -> Iterator[Message | None]:
            yield Message(object(), position=0)
            yield Message(7, position=1)

    count_loop(broker, Odd(), clock).step(0.0)
    assert (values(broker, "out"), values(broker, "out.dead")) == ([7], [None])


def test_what_a_source_refuses_is_a_dead_letter_of_its_topic(broker: Broker, clock: FakeClock) -> None:
    loop = count_loop(broker, Count(3, refused=1), clock)
    loop.step(0.0)

    assert sorted(values(broker, "out")) == [0, 2]
    assert values(broker, "out.dead") == [1]


def test_what_is_set_aside_needs_no_position_and_keeps_the_one_before(
    broker: Broker, clock: FakeClock
) -> None:
    class Odd(Source):
        started_after: ClassVar[list[Any]] = []

        def generate(self, position: Any) -> Iterator[Message | None]:
            self.started_after.append(position)
            if position is None:
                yield Message(1, position=5)
                yield Message("odd", rejected="odd")
                yield None
                yield Message("odd again", rejected="odd")
            yield None

    loop = count_loop(broker, Odd(), clock)
    assert [loop.step(0.0), loop.step(0.0)] == [Step.MOVED, Step.MOVED]
    loop.close()
    count_loop(broker, Odd(), clock).step(0.0)

    assert (values(broker, "out"), sorted(values(broker, "out.dead"))) == ([1], ["odd", "odd again"])
    assert Odd.started_after == [None, 5]


class Paged(Source):
    """Two pages of three, and its server fails after each."""

    def generate(self, position: Any) -> Iterator[Message | None]:
        after = -1 if position is None else position
        for number in range(after + 1, min(after + 4, 6)):
            yield Message(number, position=number)
        if after < 5:
            raise TransientError("slow down")


def test_what_a_source_yielded_before_it_failed_is_kept(broker: Broker, clock: FakeClock) -> None:
    loop = count_loop(broker, Paged(), clock)
    steps: list[Step | None] = []
    for _ in range(5):
        try:
            steps.append(loop.step(0.0))
        except TransientError:
            steps.append(None)

    assert steps == [Step.MOVED, None, Step.MOVED, None, Step.FINISHED]
    assert sorted(values(broker, "out")) == [0, 1, 2, 3, 4, 5]


def test_a_source_may_reject_in_any_words(broker: Broker, clock: FakeClock) -> None:
    class Surrogate(Source):
        def generate(self, position: Any) -> Iterator[Message | None]:
            yield Message(1, position=0, rejected="half of one: \ud83d")

    count_loop(broker, Surrogate(), clock).step(0.0)
    [letter] = broker.read("out.dead", 0, 0, 9) or broker.read("out.dead", 1, 0, 9)
    assert letter.headers["dead-reason"] == b"half of one: \\ud83d"


def test_a_message_of_a_source_that_is_too_large_is_set_aside(broker: Broker, clock: FakeClock) -> None:
    class Large(Source):
        def generate(self, position: Any) -> Iterator[Message | None]:
            yield Message("x" * 20_000, position=0)
            yield Message("y", position=1)

    plan = Plan("demo", "count", "count-0", (Input("demo.count.position"),), {"": "out"})
    session = broker.join(plan.group, plan.instance, plan.inputs)
    encoder = Encoder(plan, CODEC, lambda _: 10_000)
    SourceLoop(Large(), plan, session, encoder, lambda: 0, metrics("count")[0], clock).step(0.0)

    assert values(broker, "out") == ["y"]
    [letter] = broker.read("out.dead", 0, 0, 9) or broker.read("out.dead", 1, 0, 9)
    assert letter.size_bytes <= 10_000
