"""The contract of a broker: where topics live. Implementations are in `catenae/brokers/`.

A topic is a fixed number of partitions; a partition is an append-only sequence of records numbered by offset.
A group shares the partitions of the topics it reads among its members and remembers, for each, the position:
the offset of the next record to be handled, with a few bytes of the group's own beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from catenae.message import Record, TopicPartition

Delivery = Literal["exactly-once", "at-least-once"]


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as declared. Records stay until every group that reads it has passed them, then in bounds.

    retention_bytes  per partition, compressed; None keeps all
    retention_s      seconds since written; None keeps all
    readers          groups that will read it: records wait for them, also before any member has joined
    """

    name: str
    partitions: int
    retention_bytes: int | None = None
    retention_s: float | None = None
    readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """A topic that a group reads; a record is handed over no earlier than `delay_s` after it was written."""

    topic: str
    delay_s: float = 0.0


MAX_METADATA_BYTES = 4096
# A member that has not come back to its session for so long hangs: others may have its partitions.
LONGEST_HANDLING_S = 300.0


class Position(NamedTuple):
    """How far a group is in a partition.

    offset    of the next record to be handled
    metadata  at most MAX_METADATA_BYTES of the group's own, committed with the offset
    """

    offset: int
    metadata: bytes = b""


class Span(NamedTuple):
    """The records a partition holds: offsets from `start` up to, not including, `end`."""

    start: int
    end: int


class Session(Protocol):
    """One member of a group: its share of the partitions, and the one way to write and move on at once.

    Not thread-safe: one thread per session. A member whose process is dead or frozen for longer than the
    broker's lease, or that has not come back to poll or commit for LONGEST_HANDLING_S, loses its partitions
    to the others; after that its commits are refused with `Fenced`. Every method raises `BrokerUnavailable`
    when the broker does not answer; nothing was committed then unless `commit` says so, and the call may be
    repeated.
    """

    @property
    def generation(self) -> int:
        """A number that changes whenever the partitions owned by this member may have changed.

        It is larger than that of every earlier owner of any of them, and so fences those in a store.
        """

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        """The partitions this member owns, with the position last committed for each."""

    def poll(self, limits: Mapping[str, int], timeout_s: float) -> list[Record]:
        """Return the next records: of each topic at most `limits[topic]`, of other topics none.

        Records of one partition are in offset order, each handed over once per session unless `rewind` is
        called; partitions take turns, so that none starves. Returns as soon as there is a record, empty
        after `timeout_s` seconds without one; without limits it only keeps the membership. Partitions change
        hands only inside this call: one that is taken away has no record outstanding but those returned
        before and not committed, and those are forgotten.
        """

    def stage(self, outputs: Sequence[Record]) -> None:
        """Append `outputs` with the next `commit`, ahead of its own; a broker far away sends them meanwhile.

        Until that commit nobody sees them, and `rewind` or a new `generation` forgets them; those of an
        "at-least-once" session may be seen at once, and stay. Raises as `commit` does, or leaves that to it.
        Commit soon: some brokers make readers wait for it.
        """

    def commit(self, outputs: Sequence[Record], positions: Mapping[TopicPartition, Position]) -> None:
        """Append `outputs` and move the group to `positions`, all or nothing.

        Outputs keep their order within a partition. After the return every reader sees both and no `kill -9`
        undoes them. Raises `Fenced` when a partition of `positions` is no longer owned or what was staged is
        forgotten, `UnknownTopic` for an output topic nobody created, `DataFolderError` when there is no room:
        nothing is written then. `rewind` before the next attempt.
        """

    def rewind(self) -> None:
        """Forget what is staged; hand over again what was polled, from the committed positions on."""

    def close(self) -> None:
        """Leave the group: its partitions go to the other members at once. Commits nothing."""


class Broker(Protocol):
    """Where topics live. Thread-safe; sessions made by it are not."""

    def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        """Create what is missing; raise `TopicMismatch` where one exists with other partitions."""

    def delete_topics(self, names: Sequence[str]) -> None:
        """Delete topics, their records and every group's positions in them; unknown names are fine."""

    def topics(self) -> Mapping[str, TopicSpec]:
        """Return every topic by name."""

    def spans(self, topic: str) -> Sequence[Span]:
        """Return what each partition holds, by partition number. Raises `UnknownTopic`."""

    def join(
        self, group: str, member: str, inputs: Sequence[Input], delivery: Delivery = "exactly-once"
    ) -> Session:
        """Become `member` of `group`, reading `inputs`; a first visit starts at the oldest records.

        A session of `delivery` "at-least-once" may write the outputs of a `commit` and then fail to move the
        group; a broker that gains nothing by that commits at once all the same.

        Equal partition numbers of several topics with equal partition counts stay together. A member that
        joins under a name in use replaces the former one at once, and that one is fenced: so a restarted
        instance waits for no lease. Raises `UnknownTopic`.
        """

    def append(self, records: Sequence[Record]) -> None:
        """Append records, all or nothing, outside of any group. Errors as `Session.commit`."""

    def read(self, topic: str, partition: int, offset: int, max_records: int) -> list[Record]:
        """Return up to `max_records` committed records from `offset` on, for no group; waits for none.

        It may return fewer, but none only where there are none.
        """

    def groups(self) -> Sequence[str]:
        """Return the names of all groups that ever joined."""

    def positions(self, group: str) -> Mapping[TopicPartition, Position]:
        """Return how far the group is; empty for an unknown one. Lag is `spans` minus this."""

    def members(self, group: str) -> Sequence[str]:
        """Return the members whose lease runs."""

    def reset(self, group: str, positions: Mapping[TopicPartition, Position]) -> None:
        """Set positions of a group without members; raises `BrokerError` while it has some."""

    def close(self) -> None:
        """Release everything; sessions of this broker are dead afterwards."""
