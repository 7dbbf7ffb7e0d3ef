"""What the embedded broker carries: messages a second, the latency of a hop, memory over time.

    python benchmarks/embedded_broker.py                     throughput, and a minute of latency
    python benchmarks/embedded_broker.py --seconds 600       the same with ten minutes of load
    python benchmarks/embedded_broker.py --only counting     messages a second of a node with State

Method: `benchmarks/README.md`. Prints JSON.
"""

import argparse
import gc
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry

from catenae.broker import Broker, Input, TopicSpec
from catenae.brokers import open_broker
from catenae.clock import SystemClock
from catenae.codec import Codec, encode_key
from catenae.message import Message, Record
from catenae.microservice import Middle
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.runtime.handler import Handler
from catenae.runtime.history import History
from catenae.runtime.loop import Loop, Step
from catenae.runtime.node_state import NodeState
from catenae.runtime.plan import Plan
from catenae.runtime.run import Instance
from catenae.runtime.state import FencedState
from catenae.store import State, Store
from catenae.stores import open_store

CODEC = Codec()
PARTITIONS = 12
KEYS = 997
PLAN = Plan("benchmark", "passer", "passer-0", (Input("in"),), {"": "out"})
WARM_UP_S = 3.0
RETENTION_BYTES = 2**20
NO_STATES: Mapping[str, FencedState[Any]] = MappingProxyType({})

Rates = dict[str, float]


class Pass(Middle):
    """Pass every message on."""

    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive(message.value)


class Count(Middle):
    """Count the messages of each key."""

    def __init__(self, counts: State[int]) -> None:
        self._counts = counts

    def transform(self, message: Message) -> Iterator[Message]:
        count = self._counts[message.key] = self._counts.get(message.key, 0) + 1
        yield message.derive(count)


class Stamp(Middle):
    """Pass on how long a message was on its way, in nanoseconds."""

    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive([message.value["sent_ns"], time.monotonic_ns() - message.value["sent_ns"]])


def record(number: int, codec: Codec = CODEC) -> Record:
    """Return a record of about 260 bytes."""
    value = {
        "user": f"u{number % KEYS}",
        "number": number,
        "text": "x" * 190,
        "at": 1.5,
        "sent_ns": time.monotonic_ns(),
    }
    data, headers = codec.encode("in", value)
    return Record("in", encode_key(f"u{number % KEYS}"), data, headers)


def loop_of(
    broker: Broker,
    service: Middle,
    store: Store,
    states: Mapping[str, FencedState[Any]] = NO_STATES,
    codec: Codec = CODEC,
) -> Loop:
    """Return the runtime's own loop around a service."""
    clock = SystemClock()
    metrics = NodeMetrics("benchmark", "passer", CollectorRegistry())
    session = broker.join(PLAN.group, PLAN.instance, PLAN.inputs)
    handler = Handler(service, PLAN, codec, list(states.values()), clock)
    state = NodeState(store, "benchmark.passer", states, History(broker, PLAN), clock)
    return Loop(PLAN, session, handler, state, metrics, clock)


def throughput(folder: Path, messages: int) -> Rates:
    """Let one process pass on what was written before."""
    with closing(open_broker(f"embedded:{folder}")) as broker:
        return rates(broker, messages, lambda: loop_of(broker, Pass(), open_store("embedded:")))


def counting(folder: Path, messages: int) -> Rates:
    """Let one process count by key what was written before, with State in the embedded store."""
    with (
        closing(open_broker(f"embedded:{folder}")) as broker,
        closing(open_store(f"embedded:{folder}")) as store,
    ):
        counts: FencedState[int] = FencedState(store, "benchmark.passer.counts")
        return rates(broker, messages, lambda: loop_of(broker, Count(counts), store, {"counts": counts}))


def rates(broker: Broker, messages: int, start: Callable[[], Loop], codec: Codec = CODEC) -> Rates:
    """Write messages and let a loop have them all: by the wall clock and per second of CPU."""
    broker.create_topics([TopicSpec("in", PARTITIONS), TopicSpec("out", PARTITIONS)])
    for first in range(0, messages, 1000):
        broker.append([record(number, codec) for number in range(first, first + 1000)])
    loop = start()
    gc.freeze()
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    while loop.step(0.0) is Step.MOVED:
        pass
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    passed = sum(span.end for span in broker.spans("out"))
    loop.close()
    if passed != messages:
        raise SystemExit(f"{passed} of {messages} messages passed")
    return {"messages_per_s": messages / wall_s, "messages_per_cpu_s": messages / cpu_s}


def latency(folder: Path, rate: int, seconds: float) -> dict[str, Any]:
    """Write `rate` messages a second, each in a commit of its own, to a node in another process."""
    with closing(open_broker(f"embedded:{folder}")) as broker:
        broker.create_topics([TopicSpec("in", PARTITIONS, RETENTION_BYTES), TopicSpec("out", PARTITIONS)])
        node = subprocess.Popen([sys.executable, __file__, "--node", str(folder)], stdin=subprocess.PIPE)
        time.sleep(1.0)
        memory_mb = [memory_of(node.pid)]
        started_s = time.monotonic()
        for number in range(int(rate * seconds)):
            due_s = started_s + number / rate
            while (early_s := due_s - time.monotonic()) > 0:
                time.sleep(early_s)
            broker.append([record(number)])
            if number % (rate * 30) == rate * 15:
                memory_mb.append(memory_of(node.pid))
        time.sleep(0.5)
        memory_mb.append(memory_of(node.pid))
        node.communicate(b"")
        after_ns = int((started_s + WARM_UP_S) * 1e9)
        hops_ms = sorted(hop / 1e6 for sent, hop in read_all(broker, "out") if sent > after_ns)
    return {
        "messages": len(hops_ms),
        "p50_ms": statistics.median(hops_ms),
        "p99_ms": hops_ms[int(len(hops_ms) * 0.99)],
        "longest_ms": hops_ms[-1],
        "memory_mb": {
            "private": [each.private_mb for each in memory_mb],
            "mapped": [each.mapped_mb for each in memory_mb],
        },
    }


def read_all(broker: Broker, topic: str) -> Iterator[Any]:
    """Yield the values of a topic."""
    for partition, span in enumerate(broker.spans(topic)):
        for start in range(span.start, span.end, 10_000):
            for each in broker.read(topic, partition, start, 10_000):
                yield CODEC.decode(each)


class Memory(NamedTuple):
    """What of a process is resident, in megabytes of 2**20 bytes: its own, and pages of the log's file."""

    private_mb: float
    mapped_mb: float


def memory_of(pid: int) -> Memory:
    """Return the resident memory of a process (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith("Rss")}
    return Memory(round(kilobytes["RssAnon"] / 1024, 1), round(kilobytes["RssFile"] / 1024, 1))


def run_node(folder: Path) -> None:
    """Be the node of `latency`, until standard input closes."""
    stop = threading.Event()

    def stop_at_end_of_input() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=stop_at_end_of_input, daemon=True).start()
    clock = SystemClock()
    with closing(open_broker(f"embedded:{folder}")) as broker:
        service = Stamp()
        loop = loop_of(broker, service, open_store("embedded:"))
        Instance(service, loop, Health(clock, 30.0), clock).run(stop)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=500_000, help="for the throughput")
    parser.add_argument("--rate", type=int, default=1000, help="messages a second, for the latency")
    parser.add_argument("--seconds", type=float, default=60.0, help="of load, for latency and memory")
    parser.add_argument("--only", choices=("throughput", "counting", "latency"))
    parser.add_argument("--node", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.node:
        run_node(arguments.node)
        return
    measures: dict[str, Callable[[Path], dict[str, Any]]] = {
        "throughput": lambda folder: {**throughput(folder, arguments.messages)},
        "counting": lambda folder: {**counting(folder, arguments.messages)},
        "latency": lambda folder: latency(folder, arguments.rate, arguments.seconds),
    }
    found: dict[str, Any] = {"python": platform.python_version()}
    for name, measure in measures.items():
        if arguments.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                found[name] = measure(Path(folder))
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
