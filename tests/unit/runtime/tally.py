"""A node that counts and sums by key, in one process, and a judge of whether all of it is exact."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry

from catenae.broker import NO_NOTES, Batch, Broker, Input, Notes, Position, Session, TopicSpec
from catenae.codec import Codec, decode_key, encode_key
from catenae.message import Message, Record, TopicPartition
from catenae.microservice import Middle
from catenae.observability.metrics import NodeMetrics
from catenae.runtime.handler import Handler
from catenae.runtime.history import History
from catenae.runtime.loop import Loop, Step
from catenae.runtime.node_state import NodeState
from catenae.runtime.plan import Plan
from catenae.runtime.state import FencedState
from catenae.store import State, Store
from catenae.testing import FakeClock

PLAN = Plan("demo", "tally", "", (Input("numbers"), Input("late", 30.0)), {"": "tallies"}, batch_records=7)
TOPICS = [TopicSpec(name, 3) for name in ("numbers", "late", "tallies", "numbers.dead", "late.dead")]
CODEC = Codec()
KEYS = 11
MOST_ROUNDS = 500


class Tally(Middle):
    """Counts and sums by key; some numbers end a sum.

    It cannot handle some numbers, and some others as long as it is not repaired.
    """

    def __init__(self, counts: State[int], sums: State[int]) -> None:
        self._counts = counts
        self._sums = sums
        self.is_repaired = False
        self.trouble: list[Exception] = []

    def transform(self, message: Message) -> Iterator[Message]:
        if self.trouble:
            raise self.trouble.pop()
        number = message.value
        count = self._counts[message.key] = self._counts.get(message.key, 0) + 1
        if number % 3:
            self._sums[message.key] = self._sums.get(message.key, 0) + number
        if number % 5 == 0 and message.key in self._sums:
            del self._sums[message.key]
        yield message.derive([message.id, count, self._sums.get(message.key, 0)])
        if number % 13 == 0 or (number % 11 == 0 and not self.is_repaired):
            raise ValueError


class Killed(Exception):
    """Stands for `kill -9`: whatever comes after it does not happen."""


class CrashingSession:
    """A session in front of a real one that dies at the commit, before or after it took place."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.crash = "none"
        self.poll = session.poll
        self.stage = session.stage
        self.pause = session.pause
        self.close = session.close

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        return self._session.owned

    def commit(self, batches: Sequence[Batch], outputs: Sequence[Record], notes: Notes = NO_NOTES) -> None:
        if self.crash == "before commit":
            raise Killed
        self._session.commit(batches, outputs, notes)
        if self.crash == "after commit":
            raise Killed


class World:
    """A broker, a store and the instances of a node."""

    def __init__(self, broker: Broker, clock: FakeClock, store: Store, instances: int = 2) -> None:
        self.broker = broker
        self.clock = clock
        self.store = store
        self.is_repaired = False
        broker.create_topics(TOPICS)
        self.instances = [Instance(self, f"tally-{slot}") for slot in range(instances)]

    def step(self, slot: int, crash: str = "none") -> None:
        """Let an instance do one step; one that is killed in it is replaced."""
        instance = self.instances[slot]
        instance.session.crash = crash
        try:
            instance.step()
        except Killed:
            self.restart(slot)
        finally:
            instance.session.crash = "none"

    def restart(self, slot: int) -> None:
        self.instances[slot] = Instance(self, f"tally-{slot}")

    def drain(self) -> None:
        """Step until nothing has moved for a few rounds: a partition takes two to change hands."""
        self.clock.advance(60.0)
        still = 0
        for _ in range(MOST_ROUNDS):
            moved = [each.step() in (Step.MOVED, Step.ABANDONED) for each in self.instances]
            still = 0 if any(moved) else still + 1
            if still == 4:
                return
        raise AssertionError("it never comes to rest")

    def write(self, topic: str, *numbers: int) -> None:
        for number in numbers:
            data, headers = CODEC.encode(topic, number)
            self.broker.append([Record(topic, encode_key(f"k{number % KEYS}"), data, headers)])

    def records(self, *topics: str) -> list[Record]:
        return [
            record
            for topic in topics
            for number, span in enumerate(self.broker.spans(topic))
            for record in self.broker.read(topic, number, 0, span.end)
        ]

    def state(self, name: str) -> dict[str, Any]:
        """Return all of one State, as an owner of everything finds it."""
        self.drain()
        return Instance(self, "looker").values(name)


class Instance:
    """One life of the node, until it is killed."""

    def __init__(self, world: World, member: str, plan: Plan = PLAN) -> None:
        self._world = world
        self.session = CrashingSession(world.broker.join(plan.group, member, plan.inputs))
        self.states: dict[str, FencedState[int]] = {
            name: FencedState(world.store, f"demo.tally.{name}") for name in ("counts", "sums")
        }
        self.service = Tally(**self.states)
        handler = Handler(self.service, plan, CODEC, list(self.states.values()), world.clock)
        history = History(world.broker, plan)
        state = NodeState(world.store, "demo.tally", self.states, history, world.clock)
        self.registry = CollectorRegistry()
        metrics = NodeMetrics("demo", "tally", self.registry)
        self.loop = Loop(plan, self.session, handler, state, metrics, world.clock)

    def step(self) -> Step:
        self.service.is_repaired = self._world.is_repaired
        return self.loop.step(0.0)

    def values(self, name: str) -> dict[str, int]:
        return self.states[name].get_many([f"k{number}" for number in range(KEYS)])


def require_exact(world: World) -> None:
    """Fail unless each message was handled once or set aside once, and State and outputs say so."""
    given = world.records("numbers", "late")
    origins = [each.headers["dead-origin"].decode() for each in world.records("numbers.dead", "late.dead")]
    outputs: defaultdict[Any, list[Any]] = defaultdict(list)
    for each in world.records("tallies"):
        outputs[decode_key(each.key)].append(CODEC.decode(each))
    ids = [value[0] for values in outputs.values() for value in values]
    assert sorted(ids + origins) == sorted(each.id for each in given)

    numbers = {each.id: CODEC.decode(each) for each in given}
    for values in outputs.values():
        count = total = 0
        for message_id, counted, summed in values:
            number = numbers[message_id]
            count, total = count + 1, total + (number if number % 3 else 0)
            total = 0 if number % 5 == 0 else total
            assert (counted, summed) == (count, total)
    assert world.state("counts") == {key: values[-1][1] for key, values in outputs.items()}
    assert world.state("sums") == {key: values[-1][2] for key, values in outputs.items() if values[-1][2]}
