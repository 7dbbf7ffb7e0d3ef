"""The first Catenae, version 1.0.0 of 2019, with stand-ins for what does not install on Python 3.11.

pickle5             a back-port of what Python's own pickle has been since 3.8
orderedset          holds the ids of the last 50 messages; a dict's keys are ordered too
web3                names an instance, unless its environment does, as it does here
aerospike, pymongo  servers that take no part here

Variants: "synchronous" writes and commits message by message, which is its at-least-once; "asynchronous", its
default, writes from a queue and commits on a timer whatever has been polled, so a crash loses messages.
"""

import json
import os
import pickle
import sys
from types import ModuleType

from confluent_kafka.admin import AdminClient, NewTopic
from meter import METER, TASK


class OrderedSet(dict[str, None]):
    """As much of orderedset's class as is used."""

    def add(self, item: str) -> None:
        """Add an item at the end."""
        self[item] = None

    def pop(self, *, last: bool) -> None:  # noqa: ARG002  it is never the last
        """Remove the first item."""
        del self[next(iter(self))]


def stand_in(name: str, **contents: object) -> None:
    """Make a module of that name importable."""
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__dict__.update(contents)


stand_in("pickle5", pickle=pickle)
stand_in("orderedset", OrderedSet=OrderedSet)
stand_in("web3", Web3=None)
stand_in("aerospike", exception=None)
stand_in("pymongo", MongoClient=None)

from catenae import Electron, Link  # noqa: E402  after the stand-ins


class PassOn(Link):
    """Pass every message on, as JSON."""

    def transform(self, electron: Electron) -> Electron:
        value = json.loads(electron.value)
        METER.note(value["number"])
        return Electron(electron.key, json.dumps(value), unpack_if_string=True)


class Take(Link):
    """Take every message."""

    def transform(self, electron: Electron) -> None:
        METER.note(json.loads(electron.value)["number"])


def main() -> None:
    """Run until told to stop."""
    os.environ |= {"CATENAE_DOCKER": "1", "HOSTNAME": TASK.group}
    link = PassOn if TASK.passes_on else Take
    # It relied on Kafka to create the topics of its remote calls.
    calls = [f"catenae_rpc_{name}" for name in (TASK.group, link.__name__.lower(), "broadcast")]
    admin = AdminClient({"bootstrap.servers": TASK.kafka})
    for created in admin.create_topics([NewTopic(name, 1, 1) for name in calls]).values():
        created.exception()  # those of an earlier run are fine
    sys.argv = [sys.argv[0], "-i", TASK.source, "-o", TASK.output, "-k", TASK.kafka, "-g", TASK.group]
    link(log_level="warn", synchronous=TASK.variant == "synchronous").start()


if __name__ == "__main__":
    main()
