"""A topology that runs in one thread on folders of an embedded broker and store, and what it leaves there."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from catenae import Topology
from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.clock import Clock
from catenae.codec import Codec
from catenae.deployment.ledger import Ledger
from catenae.deployment.manifest import Manifest
from catenae.deployment.manifest_log import SUFFIX
from catenae.deployment.reading import read_spans
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.operating.migrations.ground import Ground
from catenae.running.assembly import Place, Platform, assemble
from catenae.running.injection import state_parameters
from catenae.runtime.loop import Step
from catenae.runtime.run import Instance
from catenae.store import Store
from catenae.stores import open_store
from catenae.testing import FakeClock
from catenae.topology.loading import import_service
from tests.unit.migrations.killing import Killed, dying_at_commit

Options = Mapping[str, Mapping[str, Any]]
NO_OPTIONS: Options = {}
MOST_ROUNDS = 1000


class World:
    """A broker and a store, opened for a while."""

    def __init__(self, broker: Broker, store: Store, clock: Clock) -> None:
        self.broker = broker
        self.store = store
        self.clock = clock

    @property
    def ground(self) -> Ground:
        return Ground(self.broker, lambda: self.store, self.clock)

    def ledger(self, topology: Topology) -> Ledger:
        return Ledger(topology, self.broker, lambda: self.store, self.clock)

    def start(self, topology: Topology) -> Manifest:
        """Take a declaration over, as instances of all of its nodes do."""
        return self.ledger(topology).take_over(states_of(topology))

    def refused(self, topology: Topology) -> list[str]:
        """Return why a declaration would not be started."""
        return self.ledger(topology).refusals(states_of(topology))

    def run(
        self,
        topology: Topology,
        options: Options = NO_OPTIONS,
        *,
        rounds: int | None = None,
        only: str | None = None,
        until: Callable[[], bool] | None = None,
    ) -> None:
        """Start it, step every node in turn so often, or until nothing moves, and stop it in order.

        until  goes on instead until that is so, with a moment for a broker that is far away
        """
        manifest = self.start(topology)
        with ExitStack() as stack:
            instances = [
                self._instance(stack, topology, manifest, each, options)
                for each in names(topology)
                if only in (None, each)
            ]
            for _ in range(MOST_ROUNDS if rounds is None else rounds):
                steps = [instance.loop.step(0.05 if until else 0.0) for instance in instances]
                if until is not None and until():
                    return
                if rounds is None and until is None and not {Step.MOVED, Step.ABANDONED} & set(steps):
                    return
            assert rounds is not None, "it moves for ever"

    def die_at_commit(self, topology: Topology, name: str) -> None:
        """Have an instance write the State of its next batch, and be killed before it commits that."""
        manifest = self.start(topology)
        with ExitStack() as stack:
            doomed = World(dying_at_commit(self.broker), self.store, self.clock)
            instance = doomed._instance(stack, topology, manifest, name, NO_OPTIONS)
            with suppress(Killed):
                instance.loop.step(0.0)

    def _instance(
        self, stack: ExitStack, topology: Topology, manifest: Manifest, name: str, options: Options
    ) -> Instance:
        node = topology.node(name)
        given = {**node.options, **options.get(name, {})}
        place = Place(topology, node, f"{name}-0", given, former_groups=manifest.nodes[name].former)
        metrics = NodeMetrics(topology.name, name, CollectorRegistry())
        platform = Platform(self.broker, self.store, None, self.clock)
        instance = assemble(place, platform, metrics, Health(self.clock, 30.0))
        stack.callback(instance.loop.close)
        return instance

    def values(self, topic: str) -> list[Any]:
        """Return the values of a topic's records."""
        codec = Codec()
        return [codec.decode(each) for each in read_spans(self.broker, topic, self.broker.spans(topic))]

    def left(self) -> dict[str, Any]:
        """Return all that broker and store hold but manifests, and what changes with each write."""
        topics = [name for name in self.broker.topics() if not name.endswith(SUFFIX)]
        records = {
            name: [
                (each.partition, each.offset, each.key, each.value, dict(each.headers))
                for each in read_spans(self.broker, name, self.broker.spans(name))
            ]
            for name in topics
        }
        groups = {name: dict(self.broker.positions(name)) for name in self.broker.groups()}
        return {
            "records": records,
            "positions": {name: positions for name, positions in groups.items() if positions},
            "store": {
                each: {key: entry.value for key, entry in self.store.scan(each)}
                for each in self.store.namespaces()
            },
        }


class FolderWorld(World):
    """One whose time passes when it is told to."""

    clock: FakeClock


@contextmanager
def opened(folder: Path) -> Iterator["FolderWorld"]:
    """Open what is in a folder, at the time at which a `FakeClock` begins."""
    clock = FakeClock()
    with (
        closing(open_broker(f"embedded:{folder}/log?map_size_mb=64", clock)) as broker,
        closing(open_store(f"embedded:{folder}/store?map_size_mb=64")) as store,
    ):
        yield FolderWorld(broker, store, clock)


def names(topology: Topology) -> list[str]:
    return [node.name for node in topology.nodes]


def states_of(topology: Topology) -> dict[str, list[str]]:
    return {node.name: state_parameters(import_service(node.service)) for node in topology.nodes}
