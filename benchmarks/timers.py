"""What timers and keys with a lifetime cost while few, many and a million of them are pending.

    python -m benchmarks.timers                                   10,000, 100,000 and 1,000,000 of each
    python -m benchmarks.timers --pending 1000 10000 --only timers

Method: `benchmarks/README.md`. Prints JSON: microseconds of CPU, and the process's own memory.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from catenae import Message, Middle, Node, State, Timers, Topology
from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.clock import SystemClock
from catenae.codec import Codec, encode_key
from catenae.message import Record
from catenae.observability.metrics import NodeMetrics
from catenae.running.assembly import Place
from catenae.running.injection import build
from catenae.running.kept import Kept
from catenae.runtime.handler import Handler
from catenae.runtime.history import History
from catenae.runtime.loop import Loop, Step
from catenae.store import Store
from catenae.stores import open_store

SIZES = (10_000, 100_000, 1_000_000)
HOUR_S = 3600.0
PARTITIONS = 12
MESSAGES = 50_000
DUE_TOGETHER = 200
CHUNK = 1000
CODEC = Codec()

Figures = dict[str, float]


class Waker(Middle):
    """Sets, or moves, the timer of each key: to some time in the hour after the next one."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers

    def transform(self, message: Message[float]) -> Iterator[Message]:
        self._timers.set(message.key or "", after_s=HOUR_S + message.value)
        return iter(())

    def wake(self, message: Message) -> Iterator[Message]:
        yield message.derive(None)


class Keeper(Middle):
    """Keeps the last value of each key for an hour."""

    def __init__(self, last: State[float]) -> None:
        self._last = last

    def transform(self, message: Message[float]) -> Iterator[Message]:
        self._last[message.key or ""] = message.value
        return iter(())


WAKER = Node("waker", "benchmarks.timers:Waker", reads="in", writes="out", timers="wake_ups")
KEEPER = Node("keeper", "benchmarks.timers:Keeper", reads="in", writes="out", ttl_s={"last": HOUR_S})


class LateClock(SystemClock):
    """The machine's clock, put forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now_s(self) -> float:
        return super().now_s() + self.ahead_s

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self.ahead_s


class Bench:
    """One node on the embedded broker and store, with a clock that can be put forward."""

    def __init__(self, node: Node, service: type[Middle], broker: Broker, store: Store) -> None:
        self.clock = LateClock()
        self.topology = Topology(
            "benchmark", nodes=(node,), external=("in",), exported=("out",), partitions=PARTITIONS
        )
        self.node, self._service, self.broker, self.store = node, service, broker, store
        broker.create_topics(self.topology.topic_specs())
        self.start()

    def start(self) -> None:
        """Begin as an instance that has just started."""
        kept = Kept.of(self._service, self.topology, self.node, self.store, self.clock)
        plan = Place(self.topology, self.node, "one", {}).plan()
        service: Any = build(self._service, {}, kept.given())
        session = self.broker.join(plan.group, "one", plan.inputs)
        states = list(kept.states.values())
        handler = Handler(service, plan, CODEC, states, self.clock, waking=kept.waking(service, CODEC))
        self.state = kept.state(History(self.broker, plan), CODEC)
        metrics = NodeMetrics("benchmark", self.node.name, CollectorRegistry())
        self.loop = Loop(plan, session, handler, self.state, metrics, self.clock)

    def feed(self, keys: Sequence[int]) -> float:
        """Have a message of each key handled; return the microseconds that each took."""
        for first in range(0, len(keys), CHUNK):
            self.broker.append([record(key) for key in keys[first : first + CHUNK]])
        return self.timed(len(keys), lambda: self.loop.step(0.0) is not Step.MOVED)

    def timed(self, things: int, is_over: Callable[[], bool]) -> float:
        """Ask until it is over; return the microseconds that each thing took."""
        began_s = time.process_time()
        while not is_over():
            pass
        return (time.process_time() - began_s) / things * 1e6

    def came(self) -> int:
        """Return how many messages the node has written."""
        return sum(span.end for span in self.broker.spans("out"))


def record(number: int) -> Record:
    """Return a message of a key, with how much of an hour later it is meant."""
    value, headers = CODEC.encode("in", random.random() * HOUR_S)
    return Record("in", encode_key(f"key {number * 7919 % 10_000_019:08}"), value, headers)


def timers(folder: Path, pending: int) -> Figures:
    """Set so many timers; move some; start anew; let all of them come."""
    address = f"embedded:{folder}"
    with closing(open_broker(address)) as broker, closing(open_store(address)) as store:
        bench = Bench(WAKER, Waker, broker, store)
        found = {"mb_before": own_mb(), "us_to_set": bench.feed(range(pending))}
        found |= {"us_to_move": bench.feed(some_of(pending)), "mb_with_all": own_mb()}
        bench.loop.close()
        bench.start()
        bench.loop.step(0.0)
        started_s = time.perf_counter()
        found["us_to_read"] = bench.timed(pending, lambda: is_read(bench))
        found |= {"s_until_read": time.perf_counter() - started_s, "mb_once_read": own_mb()}
        found |= {"us_to_move_then": bench.feed(some_of(pending))}
        found |= waking(bench, pending)
        bench.loop.close()
        return found


def waking(bench: Bench, pending: int) -> Figures:
    """Let half of the timers come in turn, as the clock goes on, and the others at once."""
    bench.clock.ahead_s += HOUR_S - 60
    most_mb = [own_mb()]

    def in_turn() -> bool:
        if bench.loop.step(0.0) is not Step.MOVED:
            bench.clock.ahead_s += DUE_TOGETHER / pending * HOUR_S
        most_mb[0] = max(most_mb[0], own_mb())
        return bench.came() >= pending // 2

    def at_once() -> bool:
        bench.loop.step(0.0)
        most_mb[0] = max(most_mb[0], own_mb())
        return bench.came() >= pending

    found = {"us_to_wake_in_turn": bench.timed(pending // 2, in_turn)}
    bench.clock.ahead_s += 2 * HOUR_S
    found["us_to_wake_at_once"] = bench.timed(pending - bench.came(), at_once)
    if bench.came() != pending:
        raise SystemExit(f"{bench.came()} of {pending} timers woke the service")
    return found | {"mb_while_waking": most_mb[0]}


def is_read(bench: Bench) -> bool:
    """Let a step pass, and say whether all timers were read."""
    bench.loop.step(0.0)
    return bench.state.idle_s(1.0) > 0


def lifetimes(folder: Path, pending: int) -> Figures:
    """Keep so many keys for an hour; keep some longer; let all of them go."""
    address = f"embedded:{folder}"
    with closing(open_broker(address)) as broker, closing(open_store(address)) as store:
        bench = Bench(KEEPER, Keeper, broker, store)
        found = {"mb_before": own_mb(), "us_to_keep": bench.feed(range(pending))}
        found["us_to_keep_longer"] = bench.feed(some_of(pending))
        found["mb_with_all"] = own_mb()
        bench.clock.ahead_s += HOUR_S + 1
        began_s, most_mb, steps = bench.clock.now_s(), [own_mb()], [0]

        def all_gone() -> bool:
            bench.loop.step(0.0)
            # What is done in a twentieth of the time is done at once here.
            bench.clock.ahead_s += 0.25
            most_mb[0] = max(most_mb[0], own_mb())
            steps[0] += 1
            return steps[0] % 100 == 0 and next(store.scan("benchmark.keeper.last"), None) is None

        found["us_to_remove"] = bench.timed(pending, all_gone)
        bench.loop.close()
        found["minutes_until_all_are_gone"] = (bench.clock.now_s() - began_s) / 60
        return found | {"mb_while_removing": most_mb[0]}


def some_of(pending: int) -> list[int]:
    """Return keys at random."""
    return random.choices(range(pending), k=MESSAGES)


def own_mb() -> float:
    """Return this process's resident memory without pages of files, in megabytes of 2**20 bytes (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


MEASURES = {"timers": timers, "lifetimes": lifetimes}


def main() -> None:
    """Measure, each size in a process of its own, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pending", type=int, nargs="+", default=SIZES)
    parser.add_argument("--only", choices=tuple(MEASURES))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        with tempfile.TemporaryDirectory() as folder:
            found = MEASURES[arguments.only](Path(folder), arguments.pending[0])
        print(json.dumps({name: round(figure, 1) for name, figure in found.items()}))
        return
    print(
        json.dumps(
            {
                name: {size: measured(name, size) for size in arguments.pending}
                for name in MEASURES
                if arguments.only in (None, name)
            },
            indent=2,
        )
    )


def measured(name: str, size: int) -> Any:
    """Return what one measure finds with so many pending."""
    command = [sys.executable, "-m", "benchmarks.timers", "--here", "--only", name, "--pending", str(size)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


if __name__ == "__main__":
    main()
