"""A declaration compared with what ran: what of it would lose or repeat something without a word.

Whatever is not named here is harmless and taken over without a question: a new node, input or State, other
retention, delays, replicas, options, and a name that went while nothing depended on it.
"""

from collections.abc import Collection, Iterator

from catenae.deployment.evidence import Evidence
from catenae.deployment.manifest import STATE_VERSION, KeptNode, Manifest, resembles
from catenae.runtime.dead_letters import SUFFIX

MIGRATE = "catenae migrate TOPOLOGY"


def refusals(kept: Manifest, wanted: Manifest, evidence: Evidence, own: Collection[str]) -> Iterator[str]:
    """Yield what stands against running `wanted` where `kept` ran, each with the command that mends it.

    own  the nodes whose positions are to be looked for
    """
    if kept.moved_to:
        yield (
            f"topology {kept.topology!r} was renamed to {kept.moved_to!r}, and everything of it has gone "
            f"there. Declare it under that name; or, for a new one of the old name, {MIGRATE} "
            f"--drop-topology {kept.topology}"
        )
        return
    if kept.migration is not None:
        yield (
            f"a migration of topology {kept.topology!r} has not come to its end "
            f"({', '.join(part.change for part in kept.migration.parts)}). Finish it with {MIGRATE} --resume"
        )
        return
    yield from _other_partitions(kept, wanted)
    for name, node in kept.nodes.items():
        if name not in wanted.nodes:
            yield from _gone(name, kept, wanted, evidence)
        else:
            yield from _lost_inputs(name, node, wanted, evidence)
            yield from _lost_states(name, node, wanted.nodes[name], evidence)
            if name in own:
                yield from _lost_positions(name, node, wanted.nodes[name], evidence)
    for name, node in wanted.nodes.items():
        if name not in kept.nodes:
            yield from _foreign_state(name, node, wanted, evidence)


def conflicts(wanted: Manifest, other: Manifest) -> Iterator[str]:
    """Yield what topic a topology would take from another one that has run on the same broker."""
    shared = [topic for topic in wanted.topics if topic in other.topics]
    meant = {each for each in shared if wanted.topics[each].is_external and other.topics[each].is_external}
    # The dead letters of a topic that is shared are shared with it.
    taken = [each for each in shared if not {each, each.removesuffix(SUFFIX)} & meant]
    if taken and not other.moved_to:
        yield (
            f"topology {wanted.topology!r} has topic {taken[0]!r} in common with {other.topology!r}, which "
            f"has run on the same broker. If it is that one, {MIGRATE} --rename-topology {other.topology}; "
            f"if that one is no longer wanted, {MIGRATE} --drop-topology {other.topology}; if the topic is "
            f"meant to be shared, list it in Topology(external=...) of both, or in exported=... of the one "
            f"that alone writes it; else take another folder with "
            f"--data"
        )


def _other_partitions(kept: Manifest, wanted: Manifest) -> Iterator[str]:
    for topic, spec in wanted.topics.items():
        before = kept.topics.get(topic)
        if before is None or before.partitions == spec.partitions:
            continue
        if spec.partitions < before.partitions or _has_state(topic, kept, wanted):
            more = f"; or have it all parted anew: {MIGRATE} --partitions {spec.partitions}"
            yield (
                f"topic {topic!r} has {before.partitions} partitions, the topology declares "
                f"{spec.partitions}: keys would change their partition, away from their State. Declare "
                f"{before.partitions}{more if spec.partitions > before.partitions else ''}; or begin anew, "
                f"without records and State: {MIGRATE} --drop-topology {wanted.topology}"
            )
            return


def _has_state(topic: str, kept: Manifest, wanted: Manifest) -> bool:
    """Say whether a reader of a topic keeps State, or may; to all others more partitions are more to read."""
    readers = {*_reading(topic, kept), *_reading(topic, wanted)}
    states = (
        kept.nodes[name].states if name in kept.nodes else wanted.nodes[name].states for name in readers
    )
    return any(each is None or each for each in states)


def _reading(topic: str, manifest: Manifest) -> Iterator[str]:
    return (name for name, node in manifest.nodes.items() if topic in node.reads)


def _gone(name: str, kept: Manifest, wanted: Manifest, evidence: Evidence) -> Iterator[str]:
    node = kept.nodes[name]
    new = [each for each in wanted.nodes if each not in kept.nodes]
    alike = [each for each in new if resembles(node, wanted.nodes[each])]
    states = (
        evidence.states(name) if node.states is None else [s for s in node.states if evidence.keeps(name, s)]
    )
    waiting = [topic for topic in node.reads if evidence.waits(name, topic)]
    if states:
        found = f"keeps State ({', '.join(sorted(states))})"
    elif waiting:
        found = f"has yet to handle records of {', '.join(waiting)}"
    elif alike and evidence.has_moved(name):
        found = f"has positions, which {alike[0]!r} would not have"
    else:
        return
    renamed = f"If it has a new name, {MIGRATE} --rename-node {name}={(alike or ['NEW'])[0]}; if"
    yield (
        f"node {name!r} is not declared any more, but {found}. {renamed if new else 'If'} it is no longer "
        f"wanted, {MIGRATE} --drop-node {name}"
    )


def _is_written(topic: str, wanted: Manifest) -> bool:
    """Say whether messages come to a topic; in one of timers nothing else can wait."""
    return wanted.topics[topic].is_external or any(topic in node.writes for node in wanted.nodes.values())


def _lost_inputs(name: str, kept: KeptNode, wanted: Manifest, evidence: Evidence) -> Iterator[str]:
    new = [
        topic for topic in wanted.nodes[name].reads if topic not in kept.reads and _is_written(topic, wanted)
    ]
    for topic in kept.reads:
        if topic in wanted.nodes[name].reads or topic not in evidence.reached(name):
            continue
        if evidence.waits(name, topic):
            found = "which still holds records for it"
        elif kept.states != {} and not evidence.last_batch_is_known_without(name, topic):
            found = "whose position tells which of its State is committed"
        else:
            continue
        renamed = (
            f"If the topic has a new name, {MIGRATE} --rename-topic {topic}={new[0]}; if" if new else "If"
        )
        yield (
            f"node {name!r} does not read {topic!r} any more, {found}. {renamed} it is to go without, "
            f"{MIGRATE} --drop-input {name}.{topic}; if what waits is to wait in another input, "
            f"--move-input {name}.{topic}=INPUT"
        )


def _lost_states(name: str, kept: KeptNode, wanted: KeptNode, evidence: Evidence) -> Iterator[str]:
    if wanted.states is None:
        return
    known = evidence.states(name) if kept.states is None else list(kept.states)
    new = [state for state in wanted.states if state not in known]
    for state in known:
        if state in wanted.states or not evidence.keeps(name, state):
            continue
        renamed = (
            f"If it has a new name, {MIGRATE} --rename-state {name}.{state}={new[0]}; if" if new else "If"
        )
        yield (
            f"node {name!r} has no State {state!r} any more, of which the store keeps what it remembers. "
            f"{renamed} it is no longer wanted, {MIGRATE} --drop-state {name}.{state}"
        )
    for state, version in (kept.states or {}).items():
        if version > STATE_VERSION:
            yield (
                f"State {state!r} of node {name!r} has version {version}, this Catenae knows "
                f"{STATE_VERSION}. Use the version that wrote it"
            )


def _lost_positions(name: str, kept: KeptNode, wanted: KeptNode, evidence: Evidence) -> Iterator[str]:
    for topic in kept.reached:
        if topic in wanted.reads and topic not in evidence.reached(name):
            yield (
                f"node {name!r} has lost its position in {topic!r}: the broker has forgotten the group, as "
                f"Kafka does after offsets.retention.minutes, or the topic was removed. To have it begin "
                f"anew there, catenae reset TOPOLOGY --node {name}"
            )


def _foreign_state(name: str, node: KeptNode, wanted: Manifest, evidence: Evidence) -> Iterator[str]:
    if node.states and evidence.has_journal(
        name, max(wanted.topics[topic].partitions for topic in node.reads)
    ):
        yield (
            f"node {name!r} is new on this broker, but the store has State of it: from another data folder "
            f"or broker, or from before --fresh. Use that one; or give each a store of its own, such as "
            f"?set=…; or drop the State with catenae reset TOPOLOGY --node {name} --state"
        )
