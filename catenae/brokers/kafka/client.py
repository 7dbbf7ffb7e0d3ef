"""What the adapter needs of a Kafka client. Two implementations stand beside it; both speak our errors.

Every method raises `BrokerUnavailable` when Kafka does not answer within `REQUEST_TIMEOUT_S`, `Fenced` when
the member has lost its place to others, `Replaced` when a newer instance has its name, and `BrokerError` for
a refusal that waiting would not mend.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from catenae.broker import Span
from catenae.brokers.kafka.permission import Permission
from catenae.brokers.kafka.stored import Stored
from catenae.brokers.kafka.topic_settings import Described, NewTopic
from catenae.errors import BrokerError, BrokerUnavailable, Fenced
from catenae.message import Record, TopicPartition

# How long a call may take before Kafka counts as away.
REQUEST_TIMEOUT_S = 4.0
# How long the end of a transaction may take: a commit has the longest way, through every replica.
COMMIT_TIMEOUT_S = 9.0
# After so long Kafka aborts what a killed instance left open, and its readers go on.
TRANSACTION_TIMEOUT_S = 10.0
# The least session time that brokers accept unless they are set up otherwise.
LEAST_SESSION_S = 6.0
HEARTBEAT_S = 0.5

# What producers take unless told otherwise. How much it is to be is left to the settings of the topics, up to
# what both clients fetch and queue whole.
LARGEST_MESSAGE_BYTES = 32 * 2**20
# How long it takes to hear of one partition that a transaction holds its position.
LOOK_S = 0.3

Positions = Mapping[TopicPartition, Stored]
OnChange = Callable[[Collection[TopicPartition]], None]


class Replaced(Fenced):
    """A newer instance has this member's name, or so it seems to Kafka.

    It seems so as well to a member whose session ended in an outage, and to a producer whose transaction took
    too long.
    """


class Unsettled(BrokerUnavailable):
    """A transaction that Kafka has not ended holds positions of a group."""

    def __init__(self, group: str, partitions: Collection[TopicPartition]) -> None:
        self.group = group
        self.partitions = tuple(partitions)
        listed = ", ".join(f"{each.topic}[{each.partition}]" for each in partitions)
        super().__init__(
            f"a transaction that Kafka has not ended holds positions of group {group!r}: {listed}. One that "
            f"does not end is left over from a broker that was killed; an operator can abort it"
        )


def refused(doing: str, said: str) -> BrokerError:
    """Return the error for what an authorizer does not allow; `said` is the client's word for it."""
    return BrokerError(
        f"Kafka refuses access while {doing}: {said}. Allow it; `catenae acls` lists what a topology needs"
    )


def lowered_limit(doing: str) -> BrokerUnavailable:
    """Return the error for a record that Kafka has found too large after all.

    Each was held to the limit of its topic, so that has been lowered since: what is tried again is held to
    the new one.
    """
    return BrokerUnavailable(
        f"Kafka takes smaller records than it said, while {doing}: max.message.bytes was lowered, or is less "
        f"than a batch of the client, which batch.size in the Kafka URL bounds"
    )


def clock_is_wrong(doing: str) -> BrokerUnavailable:
    """Return the error for a record that Kafka refuses for its time, which is that of this machine's clock.

    Clocks are put right, and what is tried again is dated anew.
    """
    return BrokerUnavailable(
        f"Kafka takes no record dated by this machine's clock, while {doing}: one of the clocks is wrong. "
        f"Set it; they may be message.timestamp.after.max.ms of a topic apart, an hour unless said"
    )


def fallen_out() -> Fenced:
    """Return the error for a member that its group has given up, as it knows already."""
    return Fenced("the member has fallen out of its group, and has to join again before it commits")


@dataclass(frozen=True, slots=True)
class Joining:
    """Who joins what. `taken` and `lost` are told which partitions change hands, only inside `fetch`."""

    group: str
    name: str
    topics: Sequence[str]
    taken: OnChange
    lost: OnChange


class Member(Protocol):
    """The reading side of one member of a group. Not thread-safe."""

    @property
    def group_metadata(self) -> Any:
        """What a transaction needs to know of the member, so that Kafka refuses one that is no longer one.

        Raises `Fenced` for one that has fallen out of its group: what it says of itself is then what somebody
        says who never was in a group, and Kafka takes positions from everybody while a group has no members.
        """

    def fetch(self, max_records: int, timeout_s: float) -> list[Record]:
        """Return up to `max_records` (at least 1) committed records, in offset order per partition.

        Empty once `timeout_s` has passed without one, or sooner.
        """

    def past_markers(self, partition: TopicPartition, offset: int) -> int:
        """Return how far the partition was read if no record lies from `offset` to there, else `offset`."""

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Fetch from these offsets on, forgetting what was fetched ahead."""

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        """Fetch nothing from these partitions until `resume`."""

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        """Fetch from these partitions again."""

    def commit(self, positions: Positions) -> None:
        """Move the group to these positions, outside of any transaction.

        It waits while the group shares out its partitions anew: Kafka answers one thing at a time.
        """

    def ping(self) -> None:
        """Return if Kafka answers."""

    def close(self) -> None:
        """Leave the group at once. Never raises."""


class Producer(Protocol):
    """The writing side; equal keys go to the partition that murmur2, Java's partitioner, chooses."""

    def start(self) -> None:
        """Make ready: end what a former producer of the same transactional id has left; may be repeated."""

    def begin(self) -> None:
        """Begin a transaction."""

    def send(self, records: Sequence[Record]) -> None:
        """Queue records in order; wait where the queue is full."""

    def send_positions(self, positions: Positions, group_metadata: Any) -> None:
        """Make a group's positions part of the transaction."""

    def commit(self) -> None:
        """End the transaction with everything in it; whether it did is unknown after an error."""

    def abort(self) -> None:
        """End the transaction with nothing of it."""

    def flush(self) -> None:
        """Return once all that was sent outside of a transaction is written."""

    def close(self) -> None:
        """Release everything, dropping what is queued. Never raises."""


class Reader(Protocol):
    """Reads partitions for no group. Not thread-safe."""

    def read(self, partition: TopicPartition, span: Span, max_records: int) -> list[Record]:
        """Return the first committed records in `span`; empty only where there are none.

        Waits a second at most for transactions to end: what is open beyond that is not committed.
        """

    def close(self) -> None:
        """Release everything. Never raises."""


class Admin(Protocol):
    """What is asked and arranged outside of reading and writing. Thread-safe."""

    def partitions(self) -> dict[str, int]:
        """Return the number of partitions of each topic, Kafka's own left out."""

    def brokers(self) -> int:
        """Return how many brokers there are at the moment."""

    def described(self, names: Collection[str]) -> dict[str, Described]:
        """Return what is known of topics; one that does not exist is left out."""

    def create(self, topics: Sequence[NewTopic]) -> None:
        """Create topics; one that exists meanwhile is fine."""

    def widen(self, topic: str, partitions: int) -> None:
        """Add partitions to a topic, up to so many; one that has them meanwhile is fine."""

    def delete(self, names: Sequence[str]) -> None:
        """Delete topics; one that is gone meanwhile is fine."""

    def bounds(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return the settings that bound these topics by time; one that does not exist is left out."""

    def bound(self, settings: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """Give topics these settings; of those that Kafka leaves as they are, return what it said."""

    def max_batch_bytes(self, topic: str) -> int:
        """Return how large a batch of a topic may be; Kafka's default where nobody may ask."""

    def spans(self, topic: str, partitions: int) -> list[Span]:
        """Return what each partition holds, transactions that have not ended included."""

    def groups(self) -> list[str]:
        """Return the names of all groups."""

    def positions(self, group: str) -> dict[TopicPartition, Stored]:
        """Return a group's positions, for looking: a transaction that is ending may not be in them yet."""

    def committed(self, group: str, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Stored]:
        """Return a group's positions in some partitions, for going on from: waits for transactions to end."""

    def members(self, group: str) -> dict[str, str]:
        """Return a group's members, sorted: name → the id that Kafka has given to this joining."""

    def move(self, group: str, positions: Positions) -> None:
        """Set positions of a group that has no members."""

    def forget(self, group: str) -> None:
        """Remove a group that has no members; one that is gone meanwhile is fine."""

    def permit(self, permissions: Sequence[Permission]) -> None:
        """Have the authorizer allow all of this; what is allowed already stays so."""

    def close(self) -> None:
        """Release everything. Never raises."""


class Client(Protocol):
    """Makes the parts; each has its own connections. Thread-safe.

    max_message_bytes  what its producers take at most: LARGEST_MESSAGE_BYTES unless a property says otherwise
    """

    @property
    def max_message_bytes(self) -> int: ...

    def member(self, joining: Joining) -> Member:
        """Join a group under a name."""

    def producer(self, transactional_id: str | None) -> Producer:
        """Return a producer, for transactions if it has an id; it needs `start`."""

    def reader(self) -> Reader:
        """Return a reader."""

    def admin(self) -> Admin:
        """Return what asks and arranges."""
