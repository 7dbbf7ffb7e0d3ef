"""From what is asked for to a migration that is carried out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from catenae.deployment.adoption import adopted
from catenae.deployment.evidence import Evidence
from catenae.deployment.ledger import NO_STATES
from catenae.deployment.manifest import STATE_VERSION, Manifest, Migration, declared
from catenae.deployment.manifest_log import ManifestLog, Revision, topologies
from catenae.errors import ConfigError
from catenae.operating.migrations.changes import Change, plan
from catenae.operating.migrations.copy_topic import CopyTopic
from catenae.operating.migrations.drops import DropTopology
from catenae.operating.migrations.executor import Executor
from catenae.operating.migrations.ground import Ground
from catenae.operating.migrations.growth import growth
from catenae.operating.migrations.renames import RenameTopology
from catenae.operating.migrations.steps import step_of
from catenae.topology.graph import Topology


class Proposal(NamedTuple):
    """A migration that can be begun: what it is noted in place of, and in."""

    topology: str
    found: Revision
    manifest: Manifest
    migration: Migration


class Request:
    """What is asked for of the topology of a declaration."""

    def __init__(self, topology: Topology, ground: Ground) -> None:
        self._topology = topology
        self._ground = ground

    def changes(self, changes: Sequence[Change]) -> Proposal:
        """Propose changes within the topology. Raises `ConfigError` for what cannot be done."""
        found, manifest = self._current(self._topology.name)
        return self._proposal(self._topology.name, found, manifest, plan(manifest, changes))

    def rename_from(self, former: str, changes: Sequence[Change]) -> Proposal:
        """Propose to give what ran under the name `former` the declared one, and then other changes."""
        found, manifest = self._current(former)
        name = self._topology.name
        there = self._log(name).read()
        if former == name or (there.manifest is not None and there.manifest.migration is None):
            raise ConfigError(
                f"topology {name!r} has run already, so {former!r} cannot get its name; drop it first"
            )
        migration = plan(manifest, [RenameTopology(former, name, found.id), *changes])
        return self._proposal(name, there, Manifest(name), migration)

    def grow(self) -> Proposal:
        """Propose to have as many partitions as are declared. Raises as `growth`."""
        found, manifest = self._current(self._topology.name)
        wanted = declared(self._topology, NO_STATES)
        changes = growth(manifest, wanted, self._others(manifest), self._ground)
        return self._proposal(self._topology.name, found, manifest, plan(manifest, changes))

    def _others(self, manifest: Manifest) -> Mapping[str, str]:
        """Return the topics that other topologies on the broker have too, each with the name of one."""
        others: dict[str, str] = {}
        for name in topologies(self._ground.broker):
            other = self._log(name).read().manifest if name != manifest.topology else None
            others |= dict.fromkeys(() if other is None else other.topics, name)
        return others

    def drop(self, name: str) -> Proposal:
        """Propose to remove all that is there under the name of a topology."""
        found = self._log(name).read()
        if found.manifest is not None and found.manifest.moved_to:
            return Proposal(name, found, found.manifest, plan(found.manifest, [DropTopology()]))
        found, manifest = self._current(name)
        return self._proposal(name, found, manifest, plan(manifest, [DropTopology()]))

    def _current(self, name: str) -> tuple[Revision, Manifest]:
        """Return what ran under a name, with every State of it."""
        found = self._log(name).read()
        wanted = replace(declared(self._topology, NO_STATES), topology=name)
        manifest = found.manifest or adopted(self._ground.broker, wanted)
        if manifest is None:
            raise ConfigError(f"topology {name!r} has not run on this broker, so there is nothing to migrate")
        if manifest.moved_to:
            raise ConfigError(f"topology {name!r} is called {manifest.moved_to!r} now; migrate that one")
        if manifest.migration is not None:
            raise ConfigError(
                f"topology {name!r} has a migration that was begun; finish it first, with --resume"
            )
        evidence = Evidence(self._ground.broker, name, lambda: self._ground.store)
        nodes = {
            each: node
            if node.states is not None
            else replace(node, states=dict.fromkeys(evidence.states(each), STATE_VERSION))
            for each, node in manifest.nodes.items()
        }
        return found, replace(manifest, nodes=nodes)

    def _proposal(self, name: str, found: Revision, manifest: Manifest, migration: Migration) -> Proposal:
        for part in migration.parts:
            for step in map(step_of, part.steps):
                if isinstance(step, CopyTopic):
                    self._require_copyable(step)
        return Proposal(name, found, manifest, migration)

    def _require_copyable(self, step: CopyTopic) -> None:
        broker = self._ground.broker
        if step.new in broker.topics() and any(span.end for span in broker.spans(step.new)):
            raise ConfigError(
                f"topic {step.new!r} is there and holds, or has held, records of its own, so {step.old!r} "
                f"cannot get its name; remove it first, or choose another name"
            )

    def _log(self, name: str) -> ManifestLog:
        return ManifestLog(self._ground.broker, name, self._ground.clock)


def carry_out(proposal: Proposal, ground: Ground, tell: Callable[[str], None]) -> None:
    """Do what was proposed, telling each line of it. Raises as `Executor.begin` and the steps do."""
    executor = Executor(ground, proposal.topology, tell)
    executor.begin(proposal.found, proposal.manifest, proposal.migration)
    executor.finish()


def unfinished(ground: Ground, topology: str) -> Migration:
    """Return the migration that was begun. Raises `ConfigError` if there is none."""
    manifest = ManifestLog(ground.broker, topology, ground.clock).read().manifest
    if manifest is None or manifest.migration is None:
        raise ConfigError(f"topology {topology!r} has no migration that was begun")
    return manifest.migration
