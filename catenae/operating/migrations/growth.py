"""More partitions for the topics of a topology: what has to be so, and what is done.

Records stay where they are, with their offsets. What a node has yet to handle is written once more, for that
node alone, to the partition that its key belongs to by now, and the node goes on behind it. Its State says of
each key to which partition it belongs, so that is written anew, too. So whatever comes later of a key follows
what waits, and meets its State. What was there before is not read again: see `grown_group`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from catenae.codec import encode_key
from catenae.deployment.evidence import last_batches
from catenae.deployment.manifest import Manifest
from catenae.errors import BrokerError, ConfigError
from catenae.operating.migrations.add_partitions import AddPartitions
from catenae.operating.migrations.begin_again import BeginAgain
from catenae.operating.migrations.changes import Change, Planned
from catenae.operating.migrations.forget_group import ForgetGroup
from catenae.operating.migrations.go_on_behind import GoOnBehind
from catenae.operating.migrations.ground import Ground
from catenae.operating.migrations.part_state import PartState
from catenae.operating.migrations.pass_again import PassAgain
from catenae.operating.migrations.steps import Step
from catenae.runtime.history import grown_group
from catenae.runtime.journal import Journal
from catenae.runtime.own_entries import BATCHES_PER_GENERATION
from catenae.runtime.standing import standing
from catenae.runtime.state_names import owner_of
from catenae.runtime.state_records import NO_BATCH, StateRecords
from catenae.runtime.survey import survey


@dataclass(frozen=True)
class Stage:
    """A part of it: done whole before the next one is begun, and again from its first step otherwise.

    topics  which have how many partitions after it
    """

    text: str
    steps: Sequence[Step]
    topics: Mapping[str, int]

    def __str__(self) -> str:
        return self.text

    def plan(self, manifest: Manifest) -> Planned:
        topics = {
            name: replace(kept, partitions=self.topics.get(name, kept.partitions))
            for name, kept in manifest.topics.items()
        }
        return Planned(self.steps, replace(manifest, topics=topics))


def growth(manifest: Manifest, wanted: Manifest, others: Mapping[str, str], ground: Ground) -> list[Change]:
    """Return what gives the topics of a manifest as many partitions as a declaration says.

    others  topics of other topologies, which have to stay as they are, each with the name of one of these

    Raises `ConfigError` where that cannot be, `BrokerError` while an instance runs, and `StateLost`.
    """
    grown = {
        name: wanted.topics[name].partitions
        for name, kept in manifest.topics.items()
        if name in wanted.topics and wanted.topics[name].partitions != kept.partitions
    }
    for mistake in _mistakes(manifest, grown, others):
        raise ConfigError(mistake)
    _require_stopped(manifest, ground)
    ends, copier = grown_group(manifest.topology), f"{manifest.topology}.migration"
    batches = {name: _settled(manifest, name, ground) for name in _with_state(manifest, grown)}
    reading = {
        name: tuple(topic for topic in node.reads if topic in grown) for name, node in manifest.nodes.items()
    }
    copiers = {(name, topic): f"{copier}.{name}.{topic}" for name, some in reading.items() for topic in some}
    stages: dict[str, list[Step]] = {
        "part State among more partitions": [
            PartState(
                manifest.group(name),
                tuple(manifest.nodes[name].states or ()),
                grown[reading[name][0]],
                batch,
            )
            for name, batch in batches.items()
        ],
        "add partitions": [
            *(
                AddPartitions(
                    topic, partitions, ends, has_state=any(topic in reading[name] for name in batches)
                )
                for topic, partitions in grown.items()
            ),
            *(BeginAgain(topic, manifest.group(name), passer) for (name, topic), passer in copiers.items()),
        ],
        "pass on what waits": [
            PassAgain(
                topic,
                manifest.group(name),
                manifest.nodes[name].former,
                passer,
                ends,
                manifest.topics[topic].is_external,
            )
            for (name, topic), passer in copiers.items()
        ],
        "go on behind it": [
            GoOnBehind(manifest.group(name), topics, ends, batches.get(name, NO_BATCH))
            for name, topics in reading.items()
            if topics
        ],
        "forget what that took": [ForgetGroup(each) for each in copiers.values()],
    }
    return [Stage(text, steps, grown) for text, steps in stages.items() if steps]


def _mistakes(manifest: Manifest, grown: Mapping[str, int], others: Mapping[str, str]) -> Iterator[str]:
    if not grown:
        found = ", ".join(f"{name} {kept.partitions}" for name, kept in manifest.topics.items())
        yield f"every topic has as many partitions as are declared ({found}); declare more of them first"
    for topic, partitions in grown.items():
        if partitions < manifest.topics[topic].partitions:
            yield (
                f"topic {topic!r} has {manifest.topics[topic].partitions} partitions, and {partitions} are "
                f"declared: there can be more of them, and never less"
            )
        if topic in others:
            yield (
                f"topic {topic!r} is one of topology {others[topic]!r} too, which has run on the same "
                f"broker; leave it with external={{{topic!r}: {manifest.topics[topic].partitions}}}, or "
                f"drop that topology first, if it is no longer wanted"
            )
    for name in _with_state(manifest, grown):
        reads = manifest.nodes[name].reads
        counts = {(manifest.topics[topic].partitions, grown.get(topic)) for topic in reads}
        if len(counts) > 1:
            yield (
                f"node {name!r} keeps State, and its inputs would have unequal partitions; declare one "
                f"number of them"
            )


def _with_state(manifest: Manifest, grown: Mapping[str, int]) -> list[str]:
    return [name for name, node in manifest.nodes.items() if node.states and grown.keys() & node.reads.keys()]


def _require_stopped(manifest: Manifest, ground: Ground) -> None:
    for name in manifest.nodes:
        members = ground.broker.members(manifest.group(name))
        if members:
            raise BrokerError(
                f"{', '.join(members)} runs, so nothing was migrated; stop it first. One that was killed "
                f"counts as running for a few seconds"
            )


def _settled(manifest: Manifest, name: str, ground: Ground) -> int:
    """Return the number of a batch above all that have written State of a node, which must be whole."""
    group, node = manifest.group(name), manifest.nodes[name]
    partitions = next(manifest.topics[topic].partitions for topic in node.reads)
    states = {each: StateRecords(ground.store, f"{group}.{each}") for each in node.states or ()}
    entries = Journal(ground.store, group).read(range(partitions))
    findings = survey(states, entries, ground.store.incarnation()).findings
    committed = last_batches(ground.positions(group))
    for number in range(partitions):
        found = findings.get(number)
        entry, is_whole = (None, True) if found is None else (found.entry, found.is_whole)
        if standing(entry, committed.get(number, NO_BATCH), is_whole=is_whole).since is not None:
            raise ConfigError(
                f"the store has lost some State of node {name!r}, which its next start makes good; start it "
                f"as it was declared before, stop it, and migrate then"
            )
    highest = max((entry.batch for entry in entries.values()), default=NO_BATCH)
    for state, records in states.items():
        for key, record in records.all():
            number = ground.broker.partition_of(encode_key(owner_of(key)) or b"", partitions)
            if record.partition != number or record.elsewhere:
                raise ConfigError(
                    f"State {state!r} of node {name!r} has names that are of no message's key, or whose "
                    f"messages somebody spreads otherwise: nobody can say to which partition they would "
                    f"belong. Keep it under message.key or its parts, or begin anew with --drop-topology"
                )
            highest = max(highest, record.batch)
    # Above what an owner that nobody has seen may write, too.
    return highest + BATCHES_PER_GENERATION
