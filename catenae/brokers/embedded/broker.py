"""The contract of a broker, kept by a log in one folder of this machine."""

import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from catenae.broker import Delivery, Input, Position, Session, Span, TopicSpec
from catenae.brokers.embedded.chain import EmbeddedChain
from catenae.brokers.embedded.layout import unpack_records
from catenae.brokers.embedded.lease_keeper import LeaseKeeper
from catenae.brokers.embedded.log import DATABASES, GROUPS, Log
from catenae.brokers.embedded.outbox import partition_of
from catenae.brokers.embedded.retention import trim
from catenae.brokers.embedded.roster import RENEWALS_PER_LEASE, Roster, evict, live_members
from catenae.brokers.embedded.session import EmbeddedSession
from catenae.brokers.embedded.shared import SharedLog
from catenae.chain import Chain, Seat
from catenae.clock import Clock, SystemClock
from catenae.errors import BrokerError, ConfigError, RecordTooLarge
from catenae.lmdb.environment import LmdbEnvironment
from catenae.lmdb.options import LmdbOptions
from catenae.message import ERASED, Record, TopicPartition

# 2: topics are numbered by themselves, and a batch may bear a time of the log's own; 1 is read as well.
FORMAT = 2
DEFAULT_LEASE_S = 5.0
# A record is encoded, compressed and read as a whole, at several times its size in memory.
MAX_RECORD_BYTES = 64 * 2**20
_ERASED = Record("", None, None, {ERASED: b""})


class EmbeddedBroker:
    """A `Broker` whose topics live in an LMDB folder that local processes share.

    address  `PATH?map_size_mb=…&durability=second|commit`; empty for a log in memory, gone with the broker
    lease_s  how long a member keeps its partitions after its process has died or frozen
    """

    def __init__(
        self, address: str = "", clock: Clock | None = None, lease_s: float = DEFAULT_LEASE_S
    ) -> None:
        self._lease_s = lease_s
        self._temporary = (
            None if address else tempfile.TemporaryDirectory(prefix="catenae-", dir=_memory_folder())
        )
        options = LmdbOptions.parse(address or self._temporary_name())
        environment = LmdbEnvironment(options, dict.fromkeys(DATABASES, FORMAT))
        self._shared = SharedLog(environment, clock or SystemClock())
        self._keeper = LeaseKeeper(self._shared, lease_s / RENEWALS_PER_LEASE)

    def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        with self._shared.write() as log:
            for spec in topics:
                log.create_topic(spec)

    def add_partitions(self, topic: str, partitions: int) -> None:
        with self._shared.write() as log:
            log.add_partitions(topic, partitions)

    def partition_of(self, key: bytes, partitions: int) -> int:
        return partition_of(key, partitions)

    def delete_topics(self, names: Sequence[str]) -> None:
        with self._shared.write() as log:
            for name in names:
                log.delete_topic(name)

    def topics(self) -> Mapping[str, TopicSpec]:
        with self._shared.read() as log:
            return {name: topic.spec for name, topic in log.topics().items()}

    def spans(self, topic: str) -> Sequence[Span]:
        with self._shared.read() as log:
            return [Span(extent.start, extent.end) for extent in log.extents(log.topic(topic))]

    def join(
        self,
        group: str,
        member: str,
        inputs: Sequence[Input],
        delivery: Delivery = "exactly-once",  # noqa: ARG002  nothing is gained by less
        outputs: Collection[str] = (),  # noqa: ARG002  what has ended has ended everywhere
    ) -> Session:
        return self._joined(Seat(group, member, inputs), None)[0]

    def join_chain(self, seats: Sequence[Seat]) -> Chain:
        sessions: list[EmbeddedSession] = []
        leader = None
        try:
            for seat in seats:
                session, roster = self._joined(seat, leader)
                sessions.append(session)
                leader = leader or roster
        except BaseException:
            for each in sessions:
                each.close()
            raise
        return EmbeddedChain(self._shared, sessions, [seat.inputs for seat in seats])

    def _joined(self, seat: Seat, leader: Roster | None) -> tuple[EmbeddedSession, Roster]:
        group, member, inputs = seat
        for name in (group, member):
            if "\0" in name or not name:
                raise ConfigError(f"{name!r} cannot name a group or member. Use text without NUL")
        with self._shared.read() as log:
            numbers = max(log.topic(each.topic).spec.partitions for each in inputs)
        roster = Roster(group, member, numbers, self._lease_s, leader)
        return EmbeddedSession(self._shared, roster, self._keeper, inputs), roster

    def max_record_bytes(self, topic: str) -> int:  # noqa: ARG002  one limit for all
        return MAX_RECORD_BYTES

    def append(self, records: Sequence[Record]) -> None:
        for each in records:
            if each.size_bytes > MAX_RECORD_BYTES:
                raise RecordTooLarge(each.size_bytes, MAX_RECORD_BYTES, each.topic)
        blocks = self._shared.encode(records)
        with self._shared.write() as log:
            self._shared.append(log, blocks)

    def read(self, topic: str, partition: int, offset: int, max_records: int) -> list[Record]:
        found: list[Record] = []
        with self._shared.read() as log:
            for batch in log.batches(log.topic(topic), partition, offset):
                if len(found) >= max_records:
                    break
                found += (each for each in unpack_records(batch, topic, partition) if each.offset >= offset)
        return found[:max_records]

    def groups(self) -> Sequence[str]:
        with self._shared.read() as log:
            return [key.decode() for key, _ in log.under(GROUPS, b"")]

    def positions(self, group: str) -> Mapping[TopicPartition, Position]:
        with self._shared.read() as log:
            return log.positions(group)

    def members(self, group: str) -> Mapping[str, str]:
        with self._shared.read() as log:
            return live_members(log, group, self._shared.now_ms())

    def settle(self, group: str) -> None:
        with self._shared.read() as log:
            self._require_no_members(log, group)

    def evict(self, group: str, members: Collection[str] | None = None) -> None:
        with self._shared.write() as log:
            evict(log, group, members)

    def reset(self, group: str, positions: Mapping[TopicPartition, Position]) -> None:
        with self._shared.write() as log:
            self._require_no_members(log, group)
            for each, position in positions.items():
                log.put_position(group, log.topic(each.topic), each.partition, position)

    def forget(self, group: str) -> None:
        with self._shared.write() as log:
            self._require_no_members(log, group)
            log.forget_group(group)

    def trim(self) -> None:
        for name in self.topics():
            with self._shared.write() as log:
                topic = log.topics().get(name)
                if topic is not None:
                    trim(log, [topic], self._shared.now_ms())

    def erase(self, is_meant: Callable[[Record], bool]) -> int:
        """Empty the records of every topic that are meant, and return how many; not in the contract.

        Each leaves a record without key and value, headed ERASED, so that offsets stay. Raises `BrokerError`
        while a group has running members. The bytes are gone from the files once `rebuild` was called.
        """
        with self._shared.write() as log:
            for key, _ in log.under(GROUPS, b""):
                self._require_no_members(log, key.decode())
            erased = 0
            for name, topic in log.topics().items():
                for partition, extent in enumerate(log.extents(topic)):
                    for batch in list(log.batches(topic, partition, extent.start)):
                        records = unpack_records(batch, name, partition)
                        kept = [_ERASED if is_meant(each) else each for each in records]
                        found = sum(each is _ERASED for each in kept)
                        if found:
                            log.replace(topic, partition, batch, kept)
                            erased += found
            return erased

    def keep_leases(self) -> None:
        """Renew the leases of this process's members that are busy; a thread does so by itself as well."""
        self._keeper.renew()

    def close(self) -> None:
        self._keeper.close()
        self._shared.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def _require_no_members(self, log: Log, group: str) -> None:
        members = list(live_members(log, group, self._shared.now_ms()))
        if members:
            raise BrokerError(f"group {group!r} has running members {members}. Stop them first")

    def _temporary_name(self) -> str:
        return self._temporary.name if self._temporary is not None else ""


def _memory_folder() -> Path | None:
    """A file system in memory where there is one; else the usual place for temporary files."""
    shared_memory = Path("/dev/shm")  # noqa: S108  the folder inside it is made by tempfile
    return shared_memory if shared_memory.is_dir() else None
