"""What a declared type costs a node that passes messages on, beside the same node without one, in turns.

    python -m benchmarks.typed_values                       as msgpack, twelve pairs
    python -m benchmarks.typed_values --format json --pairs 20 --messages 300000

Prints microseconds of CPU a message and the ratios of the pairs, as JSON.
"""

import argparse
import gc
import json
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from benchmarks.beside import spread
from benchmarks.embedded_broker import Pass, loop_of, rates
from catenae import Message, Middle
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.stores import open_store


class Written(Struct):
    """What `embedded_broker.record` writes."""

    user: str
    number: int
    text: str
    at: float
    sent_ns: int


class PassTyped(Middle):
    """Pass every message on."""

    def transform(self, message: Message[Written]) -> Iterator[Message[Written]]:
        yield message.derive(message.value)


SERVICES: dict[str, type[Middle]] = {"without": Pass, "with": PassTyped}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--format", choices=("msgpack", "json"), default="msgpack")
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--messages", type=int, default=200_000)
    arguments = parser.parse_args()
    codec = Codec({"in": arguments.format, "out": arguments.format})
    took: dict[str, list[float]] = {name: [] for name in SERVICES}
    for number in range(arguments.pairs):
        # Each goes first as often as the other.
        for name in sorted(SERVICES, reverse=bool(number % 2)):
            took[name].append(us_a_message(SERVICES[name](), arguments.messages, codec))
    ratios = [typed / plain for typed, plain in zip(took["with"], took["without"], strict=True)]
    found = {f"us_{name}_type": spread(some, 2) for name, some in took.items()}
    print(json.dumps({**found, "ratios": spread(ratios, 3), "pairs": len(ratios)}, indent=2))


def us_a_message(service: Middle, messages: int, codec: Codec) -> float:
    """Return the CPU time of a message that one process passes on."""
    with tempfile.TemporaryDirectory() as folder, closing(open_broker(f"embedded:{Path(folder)}")) as broker:
        found = rates(
            broker, messages, lambda: loop_of(broker, service, open_store("embedded:"), codec=codec), codec
        )
    gc.unfreeze()
    gc.collect()
    return 1e6 / found["messages_per_cpu_s"]


if __name__ == "__main__":
    main()
