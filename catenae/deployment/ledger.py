"""The manifest of a topology in the hands of whoever starts a part of it: compared, taken over, kept."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from catenae.broker import Broker, TopicSpec
from catenae.clock import Clock
from catenae.deployment.adoption import adopted
from catenae.deployment.evidence import Evidence
from catenae.deployment.manifest import Manifest, declared, merged
from catenae.deployment.manifest_log import ManifestLog, topologies
from catenae.deployment.upgrade import conflicts, refusals
from catenae.errors import BrokerUnavailable, TopicMismatch, UpgradeRefused
from catenae.store import Store
from catenae.topology.graph import Topology

DAY_S = 86_400
# A topology that has not been started for so long holds no records of a topic that it shares any more.
OTHERS_WAIT_DAYS = 30
ROUNDS = 100

States = Mapping[str, Sequence[str]]
NO_STATES: States = {}


class Ledger:
    """What one topology keeps of itself on a broker. Several processes may start it at once: they agree.

    open_store  opens the store, or returns it where it is open; called when a question turns on State
    """

    def __init__(
        self, topology: Topology, broker: Broker, open_store: Callable[[], Store], clock: Clock
    ) -> None:
        self._topology = topology
        self._broker = broker
        self._open_store = open_store
        self._clock = clock
        self._log = ManifestLog(broker, topology.name, clock)

    def refusals(self, states: States) -> list[str]:
        """Return what stands against starting the topology as it is declared; changes nothing."""
        wanted = declared(self._topology, states)
        return list(self._refusals(self._log.read().manifest, wanted)) or list(self._mismatches())

    def take_over(self, states: States = NO_STATES) -> Manifest:
        """Create the topics, and keep the declaration as what runs from now on; return that.

        states  node → names of its States, for the nodes whose service was imported

        Raises `UpgradeRefused`, with nothing changed, where that would lose or repeat something.
        """
        wanted = replace(declared(self._topology, states), ran_day=self._today())
        self._log.create()
        for _ in range(ROUNDS):
            found = self._log.read()
            for refusal in self._refusals(found.manifest, wanted):
                raise UpgradeRefused(refusal)
            kept = found.manifest or adopted(self._broker, wanted) or Manifest(wanted.topology)
            self._broker.create_topics([*self._specs(), *self._abandoned(kept, wanted)])
            result = self._with_reached(merged(kept, wanted), _own(wanted))
            if result == found.manifest or self._log.replace(found, result):
                return result
        raise BrokerUnavailable(f"others keep changing the manifest of topology {self._topology.name!r}")

    def confirm(self) -> None:
        """Raise `UpgradeRefused` if a migration has begun since `take_over`; for one whose group has joined.

        A migration looks for members once it has said that it begins, so of the two one sees the other.
        """
        manifest = self._log.read().manifest
        if manifest is None or manifest.migration is not None or manifest.moved_to:
            raise UpgradeRefused(
                f"topology {self._topology.name!r} is being migrated; start it again when that has ended"
            )

    def note_reached(self, node: str) -> None:
        """Keep in mind in which topics a node has a position, so that one that is lost is missed."""
        topics = list({each.topic for each in self._broker.positions(f"{self._topology.name}.{node}")})
        while (found := self._log.read()).manifest is not None:
            noted = found.manifest.reaching(node, topics)
            if noted == found.manifest or self._log.replace(found, noted):
                return

    def _refusals(self, manifest: Manifest | None, wanted: Manifest) -> Iterator[str]:
        evidence = Evidence(self._broker, wanted.topology, self._open_store)
        kept = manifest or adopted(self._broker, wanted) or Manifest(wanted.topology)
        yield from refusals(kept, wanted, evidence, _own(wanted))
        if wanted.topics.keys() - kept.topics.keys():
            for other in self._others():
                yield from conflicts(wanted, other)

    def _mismatches(self) -> Iterator[str]:
        """Yield the first topic that is there with other partitions than it is declared with."""
        there = self._broker.topics()
        for spec in self._topology.topic_specs():
            if spec.name in there and there[spec.name].partitions != spec.partitions:
                yield str(TopicMismatch(spec.name, there[spec.name].partitions, spec.partitions))
                return

    def _specs(self) -> list[TopicSpec]:
        """Return the topics to create, with the readers that other topologies are of shared ones."""
        own = self._topology.topic_specs()
        if not self._topology.shared:
            return list(own)
        others = [each for each in self._others() if each.ran_day >= self._today() - OTHERS_WAIT_DAYS]
        return [
            replace(spec, readers=(*spec.readers, *_readers(others, spec.name)))
            if spec.name in self._topology.shared
            else spec
            for spec in own
        ]

    def _abandoned(self, kept: Manifest, wanted: Manifest) -> list[TopicSpec]:
        """Return the topics that are declared no more: nobody reads them, so only their bounds count."""
        there = self._broker.topics()
        others = list(self._others()) if kept.topics.keys() - wanted.topics.keys() else []
        return [
            TopicSpec(
                name,
                there[name].partitions,
                topic.retention_bytes,
                topic.retention_s,
                tuple(_readers(others, name)),
            )
            for name, topic in kept.topics.items()
            if name not in wanted.topics and name in there
        ]

    def _others(self) -> Iterator[Manifest]:
        for name in topologies(self._broker):
            if name != self._topology.name:
                manifest = ManifestLog(self._broker, name, self._clock).read().manifest
                if manifest is not None:
                    yield manifest

    def _with_reached(self, manifest: Manifest, nodes: Collection[str]) -> Manifest:
        for name in nodes:
            topics = [each.topic for each in self._broker.positions(manifest.group(name))]
            manifest = manifest.reaching(name, topics)
        return manifest

    def _today(self) -> int:
        return int(self._clock.now_s() // DAY_S)


def _own(wanted: Manifest) -> Collection[str]:
    """Return the nodes that the one who starts speaks for: those whose States it knows, or all."""
    return [name for name, node in wanted.nodes.items() if node.states is not None] or list(wanted.nodes)


def _readers(others: Sequence[Manifest], topic: str) -> Iterator[str]:
    for other in others:
        yield from other.readers(topic)
