"""Every error Catenae raises, in one tree.

    CatenaeError                   the base; one line, exit status 2 at the command line
    ├── ConfigError                a setting or option that cannot be used
    ├── TopologyError              a declaration that contradicts itself or the code it names
    │   └── UpgradeRefused         a declaration that would lose or repeat what ran under another one
    ├── RecordTooLarge             more bytes than the broker or the store takes in one record
    ├── CodecError                 bytes that cannot be decoded, a value that cannot be encoded
    ├── BrokerError                the broker refused or failed
    │   ├── UnknownTopic           a topic nobody created
    │   ├── TopicMismatch          a topic that exists with other partitions
    │   ├── RecordsLost            a group's position is outside of what the broker has
    │   └── Fenced                 the partition has another owner now; nothing was committed
    │       └── Superseded         a newer instance has this member's name; this one ends
    ├── StoreError                 the store refused or failed
    │   ├── Conflict               the record was changed by somebody else
    │   ├── StateLost              State and the committed positions cannot be brought in step again
    │   └── KeyElsewhere           State of a key that belongs to another partition; nothing was written
    ├── DataFolderError            a data folder in use, damaged, full, or of a newer version
    │   └── NoRoom                 a disk or database that is full: waited for, as a server that is away is
    ├── OutputLost                 the standard output takes no more
    └── TransientError             worth trying again, unchanged, a moment later
        ├── BrokerUnavailable      the broker does not answer at the moment
        └── StoreUnavailable       the store does not answer at the moment

Only a `TransientError` is retried; authors raise it, or a subclass, from their handlers.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class CatenaeError(Exception):
    """An error whose text says who, what, what was found and what to do."""


class ConfigError(CatenaeError):
    """A setting or option that cannot be used."""


class TopologyError(CatenaeError):
    """A declaration that contradicts itself or the code it names."""


class UpgradeRefused(TopologyError):
    """A declaration that would lose or repeat, without a word, what ran under another one."""


class CodecError(CatenaeError):
    """Bytes that cannot be decoded, or a value that cannot be encoded."""


class RecordTooLarge(CatenaeError):
    """More bytes than the broker or the store takes in one record.

    topic  the one that it was to be written to; empty where the store refuses it
    """

    def __init__(self, size_bytes: int, limit_bytes: int, topic: str = "") -> None:
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes
        self.topic = topic
        limit, advice = "the store's limit", "Keep less per key, or split the value over several keys"
        if topic:
            limit, advice = (
                f"the limit of topic {topic!r}",
                "Send less in one message, or raise the topic's limit",
            )
        super().__init__(f"a record of {size_bytes:,} bytes exceeds {limit} of {limit_bytes:,}. {advice}")


class BrokerError(CatenaeError):
    """The broker refused or failed."""


class UnknownTopic(BrokerError):
    """A topic nobody created."""

    def __init__(self, topic: str, known: Iterable[str]) -> None:
        self.topic = topic
        self.known = sorted(known)
        super().__init__(
            f"topic {topic!r} does not exist; the broker has {self.known}. Fix the name, or create the topic"
        )


class TopicMismatch(BrokerError):
    """A topic that exists with other partitions."""

    def __init__(self, topic: str, found: int, wanted: int) -> None:
        self.topic = topic
        self.found = found
        self.wanted = wanted
        super().__init__(
            f"topic {topic!r} exists with {found} partitions, the topology wants {wanted}. "
            f"Declare partitions={found}, or if it is from outside external={{{topic!r}: {found}}}; "
            f"{f'or, for more, catenae migrate TOPOLOGY --partitions {wanted}; ' if wanted > found else ''}"
            f"or, to begin anew without its records, catenae migrate TOPOLOGY --drop-topic {topic}"
        )


class Loss(NamedTuple):
    """What a group can no longer read of a partition.

    position    where the group was
    goes_on_at  where it goes on; what lies in between is lost to it
    records     how many that may be, transaction markers included; 0 where that is not known
    cause       why, as the end of "…, because "
    """

    topic: str
    partition: int
    position: int
    goes_on_at: int
    records: int
    cause: str


class RecordsLost(BrokerError):
    """A group's position is outside of what the broker has."""

    def __init__(self, group: str, losses: Sequence[Loss]) -> None:
        self.group = group
        self.losses = tuple(losses)
        listed = "; ".join(
            f"{each.topic}[{each.partition}] from {each.position} on, because {each.cause}" for each in losses
        )
        super().__init__(f"group {group!r} cannot go on where it was: {listed}")


class Fenced(BrokerError):
    """The partition has another owner now; nothing was committed."""


class Superseded(Fenced):
    """A newer instance has this member's name, for good: this one ends."""


class StoreError(CatenaeError):
    """The store refused or failed."""


class Conflict(StoreError):
    """The record was changed by somebody else since it was read."""


class StateLost(StoreError):
    """State and the committed positions cannot be brought in step again."""

    def __init__(self, namespace: str, partition: int, found: str) -> None:
        self.namespace = namespace
        self.partition = partition
        super().__init__(
            f"the State of {namespace!r} cannot be brought in step with what is committed: of partition "
            f"{partition}, {found}. Put a newer copy of the store back, if there is one, or begin anew with "
            f"catenae reset --state"
        )


class KeyElsewhere(StoreError):
    """A handler changed State of a key that no message at hand has, and that is of another partition."""

    def __init__(self, namespace: str, owner: int, partition: int) -> None:
        self.namespace = namespace
        self.owner = owner
        self.partition = partition
        super().__init__(
            f"a message of partition {partition} changed State {namespace!r} under a key that is not its "
            f"own, and that partition {owner} has written. Two instances would undo each other's work: "
            f"keep it under state[message.key] or state[message.key, 'part'], or give what shares it one key"
        )


class DataFolderError(CatenaeError):
    """A data folder in use, damaged, full, or of a newer version."""


class NoRoom(DataFolderError):
    """A disk or database that is full: waited for, as a server that is away is."""


class OutputLost(CatenaeError):
    """The standard output takes no more: it is full, or nobody reads it."""

    def __init__(self, reason: str, *, is_unread: bool) -> None:
        self.is_unread = is_unread
        super().__init__(f"the standard output takes no more: {reason}. Write it to where there is room")


class TransientError(CatenaeError):
    """Worth trying again, unchanged, a moment later."""


class BrokerUnavailable(TransientError):
    """The broker does not answer at the moment."""


class StoreUnavailable(TransientError):
    """The store does not answer at the moment."""
