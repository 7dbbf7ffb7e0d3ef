"""What is seen to while a topology runs on one machine."""

from contextlib import closing

from catenae.broker import Span, TopicSpec
from catenae.brokers import open_broker
from catenae.deployment.ledger import Ledger
from catenae.message import Record
from catenae.running.local.caretaker import TRIM_EVERY_S, Caretaker
from catenae.stores.memory import MemoryStore
from catenae.testing import FakeClock
from topologies.wordcount import topology


def test_topics_that_no_node_has_any_more_are_trimmed_too() -> None:
    clock = FakeClock()
    with closing(open_broker("embedded:", clock)) as broker:
        broker.create_topics([TopicSpec("left", 1, retention_s=60.0)])
        broker.append([Record("left", None, b"old", partition=0)])
        caretaker = Caretaker(Ledger(topology, broker, MemoryStore, clock), broker, clock)
        caretaker.begin()
        clock.advance(TRIM_EVERY_S + 1)
        caretaker.look()

        assert broker.spans("left") == [Span(1, 1)]
