"""What the nodes of a topology keep by key, looked at and changed while they run or not."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from catenae.broker import Broker, Position
from catenae.clock import Clock
from catenae.codec import Codec, encode_key
from catenae.codec.packing import unpack
from catenae.deployment.sealing import seal_of
from catenae.errors import ConfigError
from catenae.message import UNASSIGNED, Record, TopicPartition
from catenae.running.injection import parameters
from catenae.running.kept import state_namespace
from catenae.runtime.by_hand import headers_of
from catenae.runtime.lifetime import Lifetime, value_of
from catenae.runtime.state_names import checked_key, directory_of, key_of, name_of
from catenae.runtime.state_records import NO_BATCH, StateRecord, StateRecords
from catenae.store import Entry, StateKey, Store
from catenae.suggestion import suggestion
from catenae.topology.graph import Topology
from catenae.topology.loading import import_service
from catenae.topology.node import Node

LOOK_EVERY_S = 0.1


class Kept(NamedTuple):
    """One entry: what is kept of a key, or of one of its parts."""

    key: str
    part: str | None
    value: Any


class KeptByKey:
    """One State of one node, by the constructor's parameter."""

    def __init__(
        self, topology: Topology, node: Node, state: str, broker: Broker, store: Store, clock: Clock
    ) -> None:
        self.state = state
        self._group = topology.group(node)
        self._topology = topology
        self._node = node
        self._broker = broker
        self._clock = clock
        self._records = StateRecords(store, state_namespace(topology, node, self.state))
        ttl_s = node.ttl_s.get(self.state)
        self._lifetime = None if ttl_s is None else Lifetime(ttl_s, clock)

    def entries(self) -> Iterator[Kept]:
        """Yield all entries as of what the node has committed, in no promised order."""
        committed = self._committed()
        for name, record in self._records.all():
            key, packed = key_of(name), self._packed(record, committed)
            if key is not None and packed is not None:
                owner, part = key if isinstance(key, tuple) else (key, None)
                yield Kept(owner, part, unpack(packed))

    def get(self, key: str, part: str | None) -> Any:
        """Return what is kept; raise `ConfigError` for nothing."""
        entry = self._records.get(name_of(_state_key(key, part)))
        packed = None
        if entry is not None:
            packed = self._packed(StateRecord.unpacked(entry.value), self._committed())
        if packed is None:
            raise ConfigError(
                f"State {self.state!r} of node {self._node.name!r} has nothing of this key; "
                f"`catenae state list` shows what it has"
            )
        return unpack(packed)

    def has(self, key: str) -> bool:
        """Say whether anything is kept of a key, itself or in parts."""
        committed = self._committed()
        entries = (self._records.get(name) for name in (checked_key(key), directory_of(key)))
        return any(
            self._packed(StateRecord.unpacked(entry.value), committed) is not None
            for entry in entries
            if entry is not None
        )

    def change(self, key: str, part: str | None, value: Any, by: str) -> TopicPartition:
        """Have the node store a value, or with None remove it; return where that is written.

        Removed is the part, or without one all that is kept of the key.
        """
        name = name_of(_state_key(key, part))
        topic = self._way_in()
        encoded, headers = Codec().encode(topic, value) if value is not None else (None, {})
        entry = self._records.get(name) or self._records.get(checked_key(key))
        record = Record(
            topic,
            encode_key(key),
            encoded,
            {**headers, **headers_of(self._group, self.state, part, by)},
            _writer(entry),
        )
        self._broker.append([seal_of(self._broker, self._clock).sealed(record)])
        return TopicPartition(topic, record.partition)

    def has_come(self, place: TopicPartition, within_s: float) -> bool:
        """Say whether the node has read what is there now, after waiting so long at most."""
        ends = {
            TopicPartition(place.topic, number): span.end
            for number, span in enumerate(self._broker.spans(place.topic))
            if place.partition in (number, UNASSIGNED) and span.end
        }
        until_s = self._clock.monotonic_s() + within_s
        while True:
            there = self._broker.positions(self._group)
            if all(there.get(each, Position(0)).offset >= end for each, end in ends.items()):
                return True
            if self._clock.monotonic_s() >= until_s:
                return False
            self._clock.sleep(LOOK_EVERY_S)

    @property
    def is_running(self) -> bool:
        """Whether an instance of the node runs."""
        return bool(self._broker.members(self._group))

    def _way_in(self) -> str:
        """Return the topic by which the node hears of it the soonest, and others the least."""
        open_to_others = {*self._topology.external, *self._topology.exported}
        inputs = sorted(self._node.inputs, key=lambda each: (each.delay_s, each.topic in open_to_others))
        return inputs[0].topic

    def _committed(self) -> Mapping[int, int]:
        """Return by partition number the last batch that has changed State and is committed."""
        batches: defaultdict[int, int] = defaultdict(lambda: NO_BATCH)
        for place, position in self._broker.positions(self._group).items():
            if position.note:
                batches[place.partition] = max(batches[place.partition], unpack(position.note))
        return batches

    def _packed(self, record: StateRecord, committed: Mapping[int, int]) -> bytes | None:
        is_ahead = record.batch > committed.get(record.partition, NO_BATCH)
        kept = record.before if is_ahead else record.value
        if self._lifetime is not None and self._lifetime.is_over(kept, self._lifetime.now_ms()):
            return None
        return value_of(kept)


def _state_key(key: str, part: str | None) -> StateKey:
    try:
        name_of(key if part is None else (key, part))
    except ValueError as error:
        raise ConfigError(str(error)) from error
    return key if part is None else (key, part)


def _writer(entry: Entry | None) -> int:
    """Return the partition number whose messages have written a record, else that nobody knows it."""
    return UNASSIGNED if entry is None else StateRecord.unpacked(entry.value).partition


def state_of(node: Node, wanted: str | None) -> str:
    """Return which State of a node is meant, where none is named the only one that there is.

    Raises `ConfigError` for a node without State, or with several of which none is named.
    """
    known = [each.name for each in parameters(import_service(node.service)) if each.role == "state"]
    if not known:
        raise ConfigError(f"node {node.name!r} keeps no State")
    if wanted is None and len(known) > 1:
        raise ConfigError(f"node {node.name!r} keeps several; name one: --state {' or '.join(known)}")
    if wanted is not None and wanted not in known:
        raise ConfigError(f"node {node.name!r} keeps no State {wanted!r}; {suggestion(wanted, known)}")
    return wanted or known[0]
