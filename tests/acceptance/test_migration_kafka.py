"""A topology on a real Kafka, with both clients, that gets new names in the middle of its work."""

from contextlib import closing

import pytest

from catenae import Topology
from catenae.brokers import open_broker
from catenae.clock import SystemClock
from catenae.operating.migrations.changes import Change
from catenae.operating.migrations.renames import RenameNode, RenameState, RenameTopic
from catenae.operating.migrations.request import Request, carry_out
from catenae.stores.memory import MemoryStore
from tests.unit.migrations.numbers import KEYS, numbers_topology
from tests.unit.migrations.world import World

pytestmark = [pytest.mark.acceptance, pytest.mark.servers]

ALL = 60
MENDED = {"is_mended": True}


def declared(name: str, counter: str, service: str, topic: str, partitions: int = 2) -> Topology:
    return numbers_topology(
        name,
        counter=counter,
        service=service,
        topic=topic,
        reads_later=False,
        has_echo=False,
        partitions=partitions,
    )


@pytest.mark.parametrize("client", ["kafka-python", "confluent"])
def test_sums_go_on_exactly_under_new_names(kafka: str, client: str) -> None:
    name = client.replace("-", "_")
    before = declared(f"{name}_old", "counter", "Count", f"{name}.numbers")
    after = declared(f"{name}_new", "tally", "Tally", f"{name}.ciphers")
    with closing(open_broker(f"kafka://{kafka}?client={client}")) as broker:
        broker.delete_topics(sorted({*before.topics(), *after.topics()}))
        world = World(broker, MemoryStore(), SystemClock())
        world.run(
            before,
            {"source": {"below": ALL // 3}, "counter": MENDED},
            until=lambda: len(world.values("counted")) == ALL // 3,
        )
        # What is generated now waits for a node that has another name, on a topic that has another name.
        generated = f"{name}.numbers"
        world.run(
            before,
            {"source": {"below": ALL // 2}},
            only="source",
            until=lambda: len(world.values(generated)) == ALL // 2,
        )
        changes: list[Change] = [
            RenameNode("counter", "tally"),
            RenameState("tally", "counts", "tallies"),
            RenameTopic(f"{name}.numbers", f"{name}.ciphers"),
        ]
        proposal = Request(after, world.ground).rename_from(before.name, changes)
        carry_out(proposal, world.ground, lambda _: None)
        assert f"renamed to {after.name!r}" in world.refused(before)[0]
        world.run(
            after,
            {"source": {"below": ALL}, "tally": MENDED},
            until=lambda: len(world.values("counted")) >= ALL,
        )

        assert_all_were_counted_once_and_in_order(world)
        assert {before.group(node) for node in before.nodes}.isdisjoint(broker.groups())


@pytest.mark.parametrize("client", ["kafka-python", "confluent"])
def test_sums_and_order_go_on_exactly_with_more_partitions(kafka: str, client: str) -> None:
    name = f"{client.replace('-', '_')}_wide"
    before = declared(name, "counter", "Count", f"{name}.numbers", 3)
    after = declared(name, "counter", "Count", f"{name}.numbers", 7)
    with closing(open_broker(f"kafka://{kafka}?client={client}")) as broker:
        # Of other tests, which have counted on the same topic.
        others = {each for each in broker.topics() if each.endswith(".manifest")}
        broker.delete_topics(sorted({*before.topics(), *others}))
        world = World(broker, MemoryStore(), SystemClock())
        world.run(
            before,
            {"source": {"below": ALL // 3}, "counter": MENDED},
            until=lambda: len(world.values("counted")) == ALL // 3,
        )
        generated = f"{name}.numbers"
        world.run(
            before,
            {"source": {"below": ALL // 2}},
            only="source",
            until=lambda: len(world.values(generated)) == ALL // 2,
        )
        carry_out(Request(after, world.ground).grow(), world.ground, lambda _: None)
        world.run(
            after,
            {"source": {"below": ALL}, "counter": MENDED},
            until=lambda: len(world.values("counted")) >= ALL,
        )

        assert_all_were_counted_once_and_in_order(world)
        assert len(broker.spans(generated)) == 7
        for number, span in enumerate(broker.spans(generated)):
            keys = {each.key for each in broker.read(generated, number, span.start, 1000) if each.key}
            assert number < 3 or {broker.partition_of(key, 7) for key in keys} <= {number}


def assert_all_were_counted_once_and_in_order(world: World) -> None:
    counted = world.values("counted")
    for key in range(KEYS):
        numbers = [number for number in range(ALL) if number % KEYS == key]
        told = sorted(each for each in counted if each[0] % KEYS == key)
        assert told == [[n, i + 1, sum(numbers[: i + 1])] for i, n in enumerate(numbers)]
