"""What a microservice is given in a test: a message, State and timers in memory, a clock to be moved."""

import math
from collections.abc import Mapping
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry

from catenae.codec.packing import pack, unpack
from catenae.message import NO_HEADERS, Headers, Key, Message
from catenae.observability.own_metrics import OwnMetrics
from catenae.runtime.keyed_state import NOTHING, KeyedState
from catenae.runtime.lifetime import Lifetime, value_of
from catenae.runtime.state_names import is_directory, key_of
from catenae.runtime.timers import StateTimers, moments

V = TypeVar("V")

EPOCH_S = 1_700_000_000.0


def message(
    value: Any = None,
    key: Key = None,
    id: str = "topic[0]@0",  # noqa: A002  it is called what a message calls it
    headers: Headers = NO_HEADERS,
) -> Message:
    """Return a message as a handler receives it; `id` is where it was written, `topic[partition]@offset`."""
    topic, _, place = id.partition("[")
    partition, _, offset = place.partition("]@")
    return Message(
        value,
        key,
        headers=headers,
        topic=topic,
        partition=int(partition),
        offset=int(offset),
        timestamp_ms=int(EPOCH_S * 1000),
    )


class MemoryState(KeyedState[V]):
    """A `State` in a dict, as strict as a real one: keys are text, values are packed and got anew.

    ttl_s  as its node says, of a `clock` that a test lets pass
    """

    def __init__(
        self,
        values: Mapping[Any, V] | None = None,
        *,
        ttl_s: float = math.inf,
        clock: "FakeClock | None" = None,
    ) -> None:
        self._lifetime = Lifetime(ttl_s, clock or FakeClock())
        self._kept: dict[str, bytes] = {}
        for key, value in (values or {}).items():
            self[key] = value

    @property
    def values(self) -> dict[Any, V]:
        """Everything that is in it, by key, or key and sub-key."""
        keys = (key_of(name) for name in self._kept)
        return {key: self[key] for key in keys if key is not None and key in self}

    def look_up(self, name: str) -> Any:
        kept = self._kept.get(name)
        packed = None if self._lifetime.is_over(kept, self._lifetime.now_ms()) else value_of(kept)
        return NOTHING if packed is None else unpack(packed)

    def change(self, name: str, value: Any) -> None:
        if value is NOTHING:
            del self._kept[name]
        else:
            packed = pack(value)
            is_mortal = not is_directory(name)
            self._kept[name] = (
                self._lifetime.stamped(packed, self._lifetime.now_ms()) if is_mortal else packed
            )


class MemoryTimers(StateTimers):
    """`Timers` on a `MemoryState` and a clock that a test lets pass; `due()` is what `wake` is given then."""

    def __init__(self, clock: "FakeClock | None" = None) -> None:
        self.clock = clock or FakeClock()
        self._pending: MemoryState[dict[str, Any]] = MemoryState()
        super().__init__(self._pending, self.clock)

    def due(self) -> list[Message[str]]:
        """Return the timers that are due, in their order; they are set no longer."""
        now_ms = self.clock.now_s() * 1000
        every = [(each, key) for key, pending in self._pending.values.items() for each in moments(pending)]
        due = sorted((each.due_ms, key, each) for each, key in every if each.due_ms <= now_ms)
        taken = [(key, self.take(key, each.name, each.asked_ms)) for _, key, each in due]
        return [message(each.name, key).at(each.asked_ms) for key, each in taken if each is not None]


class FakeClock:
    """A clock that stands still until `sleep` or `advance` moves it."""

    def __init__(self, now_s: float = EPOCH_S) -> None:
        self._now_s = self._monotonic_s = now_s

    def now_s(self) -> float:
        return self._now_s

    def monotonic_s(self) -> float:
        return self._monotonic_s

    def sleep(self, seconds: float) -> None:
        self.advance(max(0.0, seconds))

    def advance(self, seconds: float) -> None:
        """Let time pass; less than none only sets the clock back, as `set` does."""
        self._now_s += seconds
        self._monotonic_s += max(0.0, seconds)

    def set(self, now_s: float) -> None:
        """Set the clock, as people and NTP do: no time passes."""
        self._now_s = now_s


class MemoryMetrics(OwnMetrics):
    """`Metrics` of which a test looks at the values."""

    def __init__(self, topology: str = "", node: str = "", registry: CollectorRegistry | None = None) -> None:
        self._counted = registry or CollectorRegistry()
        super().__init__(topology, node, self._counted)

    @property
    def values(self) -> dict[str, float]:
        """What is counted: of counters `<name>_total`, of histograms `<name>_sum` and `<name>_count`."""
        samples = (each for metric in self._counted.collect() for each in metric.samples)
        left_out = ("_created", "_bucket")
        return {each.name: each.value for each in samples if not each.name.endswith(left_out)}
