"""Messages that fail transiently: what waits, what goes on, and what is set aside in the end."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

import pytest
from prometheus_client import CollectorRegistry

from catenae.broker import Broker, Input, TopicSpec
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.errors import TransientError
from catenae.message import Message, Record
from catenae.microservice import Middle
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.retry import Retry
from catenae.runtime.handler import Handler, HandlerFailed
from catenae.runtime.history import History
from catenae.runtime.loop import Loop, Step
from catenae.runtime.node_state import NodeState
from catenae.runtime.plan import Plan
from catenae.runtime.run import Instance
from catenae.runtime.state import FencedState
from catenae.stores import open_store
from catenae.testing import FakeClock
from tests.examples import share

CODEC = Codec()
PARTITIONS = 3
LANES = pytest.mark.parametrize("threads", [1, 4])
Fails = Callable[[Message], bool]


def nothing_fails(message: Message) -> bool:
    return False


class Sums(Middle):
    """Add numbers up by key and pass the sum on; raise for what `fails` says."""

    def __init__(self, sums: FencedState[int]) -> None:
        self.sums = sums
        self.fails: Fails = nothing_fails
        self.calls: list[int] = []

    def transform(self, message: Message) -> Iterator[Message]:
        self.calls.append(message.value)
        if self.fails(message):
            raise TransientError("away")
        self.sums[message.key] = total = self.sums.get(message.key, 0) + message.value
        yield message.derive((message.value, total))


@dataclass
class World:
    """One node on a broker in memory."""

    threads: int = 1
    retry: Retry = field(default_factory=Retry)
    on_error: Literal["dead-letter", "stop"] = "dead-letter"
    clock: FakeClock = field(default_factory=FakeClock)
    inputs: tuple[str, ...] = ("in",)

    def __post_init__(self) -> None:
        self.broker: Broker = open_broker("embedded:", self.clock)
        self.broker.create_topics(
            [TopicSpec(each, PARTITIONS) for each in {*self.inputs, "in", "out", "in.dead"}]
        )
        plan = Plan(
            "demo",
            "sums",
            "sums-0",
            tuple(map(Input, self.inputs)),
            {"": "out"},
            concurrency=self.threads,
            retry=self.retry,
            on_error=self.on_error,
        )
        store = open_store("embedded:")
        sums: FencedState[int] = FencedState(store, "demo.sums.sums")
        self.service = Sums(sums)
        self.health = Health(self.clock, 30.0)
        handler = Handler(self.service, plan, CODEC, [sums], self.clock)
        state = NodeState(store, "demo.sums", {"sums": sums}, History(self.broker, plan), self.clock)
        metrics = NodeMetrics("demo", "sums", CollectorRegistry())
        session = self.broker.join(plan.group, plan.instance, plan.inputs)
        self.loop = Loop(plan, session, handler, state, metrics, self.clock)
        self.instance = Instance(self.service, self.loop, self.health, self.clock)

    def write(self, *numbers: int, partition: int = 0, topic: str = "in") -> None:
        """Write numbers, each tenth of them under one key."""
        for number in numbers:
            data, headers = CODEC.encode(topic, number)
            key = f"{partition}-{number % 10}".encode()
            self.broker.append([Record(topic, key, data, headers, partition=partition)])

    def warm_up(self) -> None:
        """Let the pace grow, so that a batch is large."""
        self.write(*range(1000, 1200))
        self.until_still()
        self.service.calls.clear()

    def until_still(self, for_s: float = 0.0, tick_s: float = 0.05) -> None:
        """Step until nothing moves and so much time has passed, which it does while nothing moves."""
        until_s = self.clock.monotonic_s() + for_s
        while True:
            step = self.loop.step(0.0)
            if step is not Step.MOVED and self.clock.monotonic_s() >= until_s:
                return
            if step is not Step.MOVED:
                self.clock.advance(tick_s)

    def values(self, topic: str) -> list[Any]:
        return [
            CODEC.decode(each)
            for partition, span in enumerate(self.broker.spans(topic))
            for each in self.broker.read(topic, partition, span.start, span.end)
        ]

    def passed(self) -> list[int]:
        return sorted(number for number, _ in self.values("out"))

    def close(self) -> None:
        self.loop.close()
        self.broker.close()


@pytest.fixture
def world() -> Iterator[World]:
    with closing(World()) as made:
        yield made


@LANES
def test_what_came_before_counts_and_other_partitions_go_on(threads: int) -> None:
    with closing(World(threads)) as world:
        world.warm_up()
        world.write(1, 2, 3, 4)
        world.write(5, 6, partition=1)
        world.service.fails = lambda message: message.value == 3
        while world.loop.step(0.0) is Step.MOVED:
            pass

        assert [each for each in world.passed() if each < 1000] == [1, 2, 5, 6]
        world.service.fails = nothing_fails
        world.until_still(1.0)
        assert [each for each in world.passed() if each < 1000] == [1, 2, 3, 4, 5, 6]


@LANES
def test_a_message_alone_is_set_aside_after_its_last_attempt(threads: int) -> None:
    with closing(World(threads, Retry(0.1, 5.0, attempts=3))) as world:
        world.write(7)
        world.service.fails = lambda _: True
        world.until_still(0.25)
        assert (len(world.service.calls), world.values("in.dead")) == (2, [])

        world.until_still(1.0)
        assert (len(world.service.calls), world.values("in.dead")) == (3, [7])


def test_a_node_that_has_set_its_last_message_aside_waits_for_nothing(world: World) -> None:
    world.write(7)
    world.service.fails = lambda _: True
    world.until_still(30.0)

    assert (world.values("in.dead"), world.loop.step(0.0)) == ([7], Step.IDLE)


def test_the_pauses_grow_to_the_longest(world: World) -> None:
    world.write(7, 8)
    at_s: list[float] = []

    def fails(_: Message) -> bool:
        at_s.append(world.clock.monotonic_s())
        return True

    world.service.fails = fails
    world.until_still(30.0)

    pauses_s = [later - sooner for sooner, later in pairwise(at_s) if later > sooner]
    assert pauses_s[:6] == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2], abs=0.06)
    assert max(pauses_s) == pytest.approx(5.0, abs=0.06)


@pytest.mark.lengthy
@LANES
def test_a_message_that_fails_while_others_get_through_is_set_aside(threads: int) -> None:
    with closing(World(threads)) as world:
        world.write(*range(20))
        world.service.fails = lambda message: message.value == 3
        world.until_still(5.0)

        assert world.values("in.dead") == [3]
        assert world.passed() == [each for each in range(20) if each != 3]


@pytest.mark.lengthy
@LANES
def test_an_outage_sets_nothing_aside_however_long_it_is(threads: int) -> None:
    with closing(World(threads)) as world:
        world.warm_up()
        for partition in range(PARTITIONS):
            world.write(*range(300), partition=partition)
        world.service.fails = lambda _: True
        world.until_still(300.0, tick_s=1.0)
        calls = len(world.service.calls)
        assert world.values("in.dead") == []
        assert calls < 300

        world.service.fails = nothing_fails
        world.until_still(10.0)
        assert world.values("in.dead") == []
        assert len(world.passed()) == 200 + 300 * PARTITIONS


@pytest.mark.lengthy
def test_messages_that_come_one_by_one_in_an_outage_are_kept_but_for_the_first(world: World) -> None:
    world.service.fails = lambda _: True
    for number in range(20):
        world.write(number)
        world.until_still(60.0, tick_s=1.0)

    assert world.values("in.dead") == [0]


@pytest.mark.lengthy
def test_attempts_without_end_set_nothing_aside() -> None:
    with closing(World(retry=Retry(attempts=None))) as patient:
        patient.write(1, 2, partition=1)
        patient.write(3)
        patient.service.fails = lambda message: message.value == 1
        patient.until_still(300.0, tick_s=1.0)

        assert (patient.passed(), patient.values("in.dead")) == ([3], [])


def test_a_node_may_stop_after_the_last_attempt() -> None:
    with closing(World(on_error="stop", retry=Retry(attempts=2))) as world:
        world.write(1)
        world.service.fails = lambda _: True
        with pytest.raises(HandlerFailed):
            world.until_still(5.0)


class StopAfter:
    """A signal that is heard once some time has passed; `asked` is called each time but the first."""

    def __init__(self, clock: FakeClock, after_s: float, asked: Callable[[], None] = lambda: None) -> None:
        self._clock = clock
        self._at_s = clock.monotonic_s() + after_s
        self._asked: Callable[[], None] = lambda: None
        self._once_begun = asked

    def is_set(self) -> bool:
        self._asked()
        self._asked = self._once_begun
        return self._clock.monotonic_s() >= self._at_s


@pytest.mark.lengthy
def test_a_signal_is_heard_within_a_second_of_an_outage(world: World) -> None:
    world.warm_up()
    world.write(*range(200))
    world.service.fails = lambda _: True
    began_s = world.clock.monotonic_s()
    world.instance.run(StopAfter(world.clock, 20.0))  # type: ignore[arg-type]  # what is asked of an Event

    assert world.clock.monotonic_s() - began_s <= 21.0


@pytest.mark.lengthy
def test_health_says_why_a_node_waits_and_that_it_gets_on_again(world: World) -> None:
    world.write(*range(10))
    world.service.fails = lambda _: True
    reasons: list[str] = []

    def stepped() -> None:
        reasons.append(world.health.ready.reason)
        if len(reasons) > 20:
            world.service.fails = nothing_fails

    world.instance.run(StopAfter(world.clock, 20.0, stepped))  # type: ignore[arg-type]  # as above

    assert list(dict.fromkeys(reasons)) == ["progressing", "what its messages need is away"]
    assert reasons[-1] == "progressing"


@pytest.mark.lengthy
@pytest.mark.hypothesis
@LANES
@pytest.mark.parametrize("seed", range(share(8)))
def test_random_failures_change_no_sum_and_no_order(threads: int, seed: int) -> None:
    chance = random.Random(seed)
    with closing(World(threads, Retry(attempts=None))) as world:
        for partition in range(PARTITIONS):
            world.write(*(chance.randrange(100) for _ in range(60)), partition=partition)
        world.service.fails = lambda _: chance.random() < 0.1
        world.until_still(30.0, tick_s=1.0)

        assert world.values("in.dead") == []
        require_running_sums(world)


def test_outputs_of_a_key_come_in_the_order_in_which_state_saw_their_messages() -> None:
    """Two inputs, of which the second has a message that waits while the first has newer ones of its key."""
    with closing(World(threads=4, inputs=("first", "in"))) as world:
        world.write(1)
        world.service.fails = lambda message: message.value == 1
        world.loop.step(0.0)
        world.service.fails = nothing_fails
        world.write(11, 21, topic="first")
        world.clock.advance(1.0)
        world.until_still(1.0)

        totals = [total for _, total in world.values("out")]
        assert totals == sorted(totals)


def require_running_sums(world: World) -> None:
    """Fail unless each key's sums are those of its messages in the order in which they were written."""
    expected: dict[bytes, list[tuple[int, int]]] = {}
    found: dict[bytes, list[tuple[int, int]]] = {}
    for topic, into in (("in", expected), ("out", found)):
        for partition, span in enumerate(world.broker.spans(topic)):
            for each in world.broker.read(topic, partition, span.start, span.end):
                value = CODEC.decode(each)
                some = into.setdefault(each.key or b"", [])
                some.append(value if topic == "out" else (value, value + (some[-1][1] if some else 0)))
    assert found == expected
