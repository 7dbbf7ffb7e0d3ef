"""What waits for a node on a real Kafka waits in another topic, once, with both clients."""

from contextlib import closing

import pytest

from catenae.broker import Position, TopicSpec
from catenae.brokers import open_broker
from catenae.clock import SystemClock
from catenae.deployment.reading import read_spans
from catenae.message import EVENT_MS, Record, TopicPartition
from catenae.operating.migrations.move_waiting import MoveWaiting
from catenae.stores.memory import MemoryStore
from tests.unit.migrations.world import World

pytestmark = [pytest.mark.acceptance, pytest.mark.servers]


@pytest.mark.parametrize("client", ["kafka-python", "confluent"])
def test_what_waits_is_moved_once(kafka: str, client: str) -> None:
    old, new, group = (f"moving_{client}.{name}" for name in ("old", "new", "reader"))
    with closing(open_broker(f"kafka://{kafka}?client={client}")) as broker:
        broker.delete_topics([old, new])
        broker.create_topics([TopicSpec(old, 2), TopicSpec(new, 2)])
        broker.append([Record(old, None, b"%d" % number, partition=number % 2) for number in range(10)])
        broker.reset(group, {TopicPartition(old, 0): Position(2), TopicPartition(old, 1): Position(0)})
        world = World(broker, MemoryStore(), SystemClock())

        for _ in range(2):
            MoveWaiting(group, old, new, f"{group}.moved").do(world.ground)

        moved = list(read_spans(broker, new, broker.spans(new)))
        assert sorted(each.value or b"" for each in moved) == [b"1", b"3", b"4", b"5", b"6", b"7", b"8", b"9"]
        assert all(EVENT_MS in each.headers for each in moved)
