"""One trial: all that chaos needs to be told, and the command that repeats it."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, fields

from tests.chaos.shapes import SHAPES

BROKERS = ("embedded", "kafka")
DOCUMENTS = ("sqlite", "mongodb")
CLIENTS = ("confluent", "kafka-python")


@dataclass(frozen=True)
class Trial:
    """A seed and what it is tried on; two of the same do the same to the same.

    shape      of the topology: "bank", or drawn from the seed
    minutes    for which there are faults
    brokers    of Kafka
    documents  where Leaves store: in a file, or on a server of MongoDB's protocol
    rate       messages a second that go in
    kinds      of faults; empty: all that can be done here
    only       numbers of the faults to commit; empty: all
    without    nodes that are left out, with what only they feed
    """

    seed: int = 1
    shape: str = "drawn"
    minutes: float = 1.0
    broker: str = "embedded"
    client: str = "confluent"
    brokers: int = 1
    documents: str = "sqlite"
    rate: float = 20.0
    kinds: tuple[str, ...] = ()
    only: tuple[int, ...] = ()
    without: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """Return the arguments of the command line that make this trial."""
        given = []
        for each in fields(self):
            value = getattr(self, each.name)
            if value != each.default:
                text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
                given += [f"--{each.name}", text]
        return given

    def name(self) -> str:
        """Return what a folder may be called after it."""
        on = self.broker if self.broker == "embedded" else f"{self.client}-{self.brokers}"
        if self.documents != "sqlite":
            on += f"-{self.documents}"
        return f"{self.shape}-{on}-{self.seed}"

    @property
    def servers(self) -> frozenset[str]:
        """What of it are servers."""
        return frozenset((self.broker, self.documents)) - {"embedded", "sqlite"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Have a parser take what makes a trial."""
    usual = Trial()
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--shape", choices=SHAPES, default=usual.shape, help="of the topology")
    parser.add_argument("--minutes", type=float, default=usual.minutes, help="for which there are faults")
    parser.add_argument("--broker", choices=BROKERS, default=usual.broker)
    parser.add_argument("--client", choices=CLIENTS, default=usual.client, help="of Kafka")
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=usual.brokers, help="of Kafka")
    parser.add_argument("--documents", choices=DOCUMENTS, default=usual.documents, help="of the Leaves")
    parser.add_argument("--rate", type=float, default=usual.rate, help="messages a second that go in")
    parser.add_argument("--kinds", type=_names, default=usual.kinds, help="of faults, with commas; else all")
    parser.add_argument("--only", type=_numbers, default=usual.only, help="the faults of these numbers")
    parser.add_argument("--without", type=_names, default=usual.without, help="nodes to leave out")


def trial_of(given: argparse.Namespace) -> Trial:
    """Return the trial that arguments make."""
    return Trial(**{each.name: getattr(given, each.name) for each in fields(Trial)})


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def _numbers(text: str) -> Sequence[int]:
    return tuple(map(int, _names(text)))
