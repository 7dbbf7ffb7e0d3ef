"""The contract of a broker: where topics live. Implementations are in `catenae/brokers/`.

A topic is a fixed number of partitions; a partition is an append-only sequence of records numbered by offset.
A group shares the partitions of the topics it reads among its members and remembers, for each, the position:
the offset of the next record to be handled, with a few bytes of the group's own beside it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol

from catenae.errors import TopologyError
from catenae.message import Record, TopicPartition

Delivery = Literal["exactly-once", "at-least-once"]


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as declared. Records stay until its readers have passed them, then in bounds.

    retention_bytes  per partition, compressed; None keeps all
    retention_s      seconds since written; None keeps all
    readers          groups that read it: records wait for them, also while none of their members runs, and
                     else for groups that have members. A broker that trims by time alone waits for nobody
    is_ours          whether bounds count for one that exists on a broker that is shared with others, too
    """

    name: str
    partitions: int
    retention_bytes: int | None = None
    retention_s: float | None = None
    readers: tuple[str, ...] = ()
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class Replication:
    """On how many machines each record of a topic that is created is to be; None leaves it to the broker.

    factor         machines that hold a partition
    least_in_sync  of these, how many must have a record before it counts as written

    Of no meaning to a broker on one machine. Raises `TopologyError` for numbers that contradict each other.
    """

    factor: int | None = None
    least_in_sync: int | None = None

    def __post_init__(self) -> None:
        for name in ("factor", "least_in_sync"):
            value = getattr(self, name)
            if value is not None and (type(value) is not int or value < 1):
                raise TopologyError(
                    f"Replication has {name}={value!r}; it needs a whole number of at least 1, or None to "
                    f"leave it to the broker"
                )
        if self.factor is not None and self.least_in_sync is not None and self.least_in_sync > self.factor:
            raise TopologyError(
                f"Replication has least_in_sync={self.least_in_sync}, of factor={self.factor}: nothing could "
                f"ever be written. Give a smaller number, such as {max(1, self.factor - 1)}"
            )

    def or_else(self, other: "Replication") -> "Replication":
        """Return it with what `other` says where it says nothing."""
        return Replication(
            other.factor if self.factor is None else self.factor,
            other.least_in_sync if self.least_in_sync is None else self.least_in_sync,
        )


AS_THE_BROKER_HAS_IT = Replication()


@dataclass(frozen=True, slots=True)
class Input:
    """A topic that a group reads; a record is handed over no earlier than `delay_s` after it was written.

    is_read  whether it is; of one that is not, the group shares the partitions alone, and its positions count
             what they like
    event_ms, event_s  one of the two: the field of its values that says when that happened of which they
             tell, as milliseconds or seconds since 1970 UTC, or as ISO 8601; a value without is set aside
    """

    topic: str
    delay_s: float = 0.0
    is_read: bool = True
    event_ms: str = ""
    event_s: str = ""


MAX_NOTE_BYTES = 4096
# A member that has not come back to its session for so long hangs: others may have its partitions.
LONGEST_HANDLING_S = 300.0


class Position(NamedTuple):
    """How far a group is in a partition.

    offset  of the next record to be handled
    note    at most MAX_NOTE_BYTES of the group's own, committed with the offset
    """

    offset: int
    note: bytes = b""


class Span(NamedTuple):
    """The records a partition holds: offsets from `start` up to, not including, `end`."""

    start: int
    end: int


class Batch(NamedTuple):
    """What one poll handed out.

    serial      which batch of its session that is; 0 for one that had no records
    assignment  number of the share of the partitions it was drawn under: another one whenever partitions may
                have changed hands, and larger than that of every earlier owner of any of them, so that it
                fences those in a store
    records     in offset order per partition
    cuts        up to which offset it counts in a partition, 0 for not at all; elsewhere it counts whole
    """

    serial: int
    assignment: int
    records: Sequence[Record] = ()
    cuts: Mapping[TopicPartition, int] = MappingProxyType({})

    def until(self, offsets: Mapping[TopicPartition, int]) -> "Batch":
        """Return the batch without the records of these partitions from these offsets on."""
        kept = [
            each
            for each in self.records
            if each.offset < offsets.get(TopicPartition(each.topic, each.partition), each.offset + 1)
        ]
        there = {TopicPartition(each.topic, each.partition) for each in kept}
        cuts = {place: offset if place in there else 0 for place, offset in offsets.items()}
        return self._replace(records=kept, cuts={**self.cuts, **cuts})

    def handled(self) -> "Batch":
        """Return what a commit needs of a batch that was handled: its records need not be kept until then."""
        return self._replace(records=())


# What one poll hands over at most, but for one record: values alone, of which a node makes several copies.
MOST_BATCH_BYTES = 4 * 2**20


# By partition number: what is kept beside positions.
Notes = Mapping[int, bytes]
NO_NOTES: Notes = MappingProxyType({})


class Session(Protocol):
    """One member of a group: its share of the partitions, and the one way to write and move on at once.

    The session alone knows what is out: handed over and not committed. What is out and neither held by the
    next `poll` nor named by the next `commit` is handed over again, from the committed positions on and in
    the same order. So after any error, whoever raised it, the caller has only to poll.

    Not thread-safe: one thread per session. A member whose process is dead or frozen for longer than the
    broker's lease, or that has not come back to poll or commit for LONGEST_HANDLING_S, loses its partitions
    to the others; after that its commits are refused with `Fenced`. Every method raises `BrokerUnavailable`
    when the broker does not answer; what a commit has done then the session finds out by itself.
    """

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        """The partitions this member owns, with the position last committed for each.

        None of them while that is not known: after an error, or while partitions change hands, until a `poll`
        has found out. What is done on the strength of an older answer may undo what the next owner has done.
        """

    def poll(self, limits: Mapping[str, int], timeout_s: float, held: Sequence[Batch] = ()) -> Batch:
        """Return the next records: of each topic at most `limits[topic]`, of other topics none.

        Fewer once their values exceed MOST_BATCH_BYTES.

        held  the batches that the caller is still going to commit: all that is out, or none

        Records of one partition are in offset order, none left out; partitions take turns, so that none
        starves. Returns as soon as there is a record, and a batch without any after `timeout_s` seconds;
        without limits it only keeps the membership. Partitions change hands only inside this call.

        Raises `Fenced` when what is held cannot be committed any more, and hands nothing over then;
        `Superseded` once a newer instance has this member's name; `RecordsLost` where the group's position is
        outside of what the broker has. The last is told once, and the next poll goes on without what is lost;
        a caller who does not poll again leaves the position as it is.
        """

    def pause(self, partition: TopicPartition, pause_s: float) -> None:
        """Hand nothing of `partition` over for so many seconds; all else goes on. Ends with the share."""

    def stage(self, outputs: Sequence[Record]) -> None:
        """Append `outputs` with the next `commit`, ahead of its own; a broker far away sends them meanwhile.

        Until that commit nobody sees them, and a `poll` that does not hold what is out forgets them; those of
        an "at-least-once" session may be seen at once, and stay. Raises as `commit` does, or leaves that to
        it. Commit soon: some brokers make readers wait for it.
        """

    def commit(self, batches: Sequence[Batch], outputs: Sequence[Record], notes: Notes = NO_NOTES) -> None:
        """Append `outputs` and move the group past the records of `batches`, all or nothing.

        notes  kept beside the position of every owned partition of that number, in place of the former note

        Outputs keep their order within a partition. After the return every reader sees all of it and no
        `kill -9` undoes it. Raises `Fenced` when a batch was drawn under another share, has been handed over
        again since, or leaves out what was handed over before it; `UnknownTopic` for an output topic nobody
        created; `DataFolderError` when there is no room. Nothing is written then, and all comes again.
        """

    def close(self) -> None:
        """Leave the group: its partitions go to the other members at once. Commits nothing."""


class Broker(Protocol):
    """Where topics live. Thread-safe; sessions made by it are not."""

    def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        """Create what is missing, renew bounds and readers of what is there.

        Raises `TopicMismatch` where one exists with other partitions.
        """

    def add_partitions(self, topic: str, partitions: int) -> None:
        """Have a topic have so many: those that are there stay as they are, the others are empty.

        Nothing may read or write it meanwhile. Raises `TopicMismatch` where it has more already, and
        `UnknownTopic`.
        """

    def partition_of(self, key: bytes, partitions: int) -> int:
        """Return to which of so many partitions a record with this key goes, where none is named."""

    def delete_topics(self, names: Sequence[str]) -> None:
        """Delete topics, their records and every group's positions in them; unknown names are fine."""

    def topics(self) -> Mapping[str, TopicSpec]:
        """Return every topic by name."""

    def spans(self, topic: str) -> Sequence[Span]:
        """Return what each partition holds, by partition number. Raises `UnknownTopic`."""

    def join(
        self,
        group: str,
        member: str,
        inputs: Sequence[Input],
        delivery: Delivery = "exactly-once",
        outputs: Collection[str] = (),
    ) -> Session:
        """Become `member` of `group`, reading `inputs`; a first visit starts at the oldest records.

        outputs  topics in which a former session of this name may have left something that has not quite
                 ended; those it will write to itself need not be listed

        A session of `delivery` "at-least-once" may write the outputs of a `commit` and then fail to move the
        group; a broker that gains nothing by that commits at once all the same.

        Equal partition numbers of several topics with equal partition counts stay together. A member that
        joins under a name in use replaces the former one at once, and that one is fenced: so a restarted
        instance waits for no lease. Raises `UnknownTopic`.
        """

    def append(self, records: Sequence[Record]) -> None:
        """Append records, all or nothing, outside of any group.

        Errors as `Session.commit`; `RecordTooLarge` for one that is.
        """

    def max_record_bytes(self, topic: str) -> int:
        """Return how large a record of a topic may be, as `Record.size_bytes` counts.

        It costs little to ask again, and may change when somebody changes the topic. Raises `UnknownTopic`,
        unless all topics have one limit.
        """

    def read(self, topic: str, partition: int, offset: int, max_records: int) -> list[Record]:
        """Return up to `max_records` committed records from `offset` on, for no group; waits for none.

        It may return fewer, but none only where there are none.
        """

    def groups(self) -> Sequence[str]:
        """Return the names of all groups that ever joined."""

    def positions(self, group: str) -> Mapping[TopicPartition, Position]:
        """Return how far the group is; empty for an unknown one. Lag is `spans` minus this."""

    def members(self, group: str) -> Mapping[str, str]:
        """Return the members whose lease runs, in order of their names.

        With each comes what tells this joining of its apart from any other under the same name: who is
        started anew, or had lost its lease, joins anew.
        """

    def settle(self, group: str) -> None:
        """Have `positions` tell from now on how far a group without members is; `BrokerError` if it has some.

        Unasked, a broker that was killed may tell for a while how far it was some time before, and the same
        of `members`.
        """

    def evict(self, group: str, members: Collection[str] | None = None) -> None:
        """Have members leave a group as if they had closed their sessions; all of them unless some are named.

        For those that a broker still counts although they are no more. One that is alive is fenced, loses
        nothing, and joins again when it polls.
        """

    def reset(self, group: str, positions: Mapping[TopicPartition, Position]) -> None:
        """Set positions of a group without members; raises `BrokerError` while it has some."""

    def forget(self, group: str) -> None:
        """Remove a group with all of its positions; an unknown one is fine.

        Raises `BrokerError` while it has members.
        """

    def trim(self) -> None:
        """Delete now what is no longer kept of any topic; nothing where the broker sees to it by itself."""

    def close(self) -> None:
        """Release everything; sessions of this broker are dead afterwards."""
