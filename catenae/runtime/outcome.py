"""What became of some messages."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from catenae.message import Record, TopicPartition


class Hold(NamedTuple):
    """From which offset on a partition's records are to be handed over again, and after which pause."""

    offset: int
    pause_s: float


@dataclass(slots=True)
class Outcome:
    """Records to commit, and what to count: retries, dead letters and dropped messages by reason.

    unsealed  messages that were taken without control headers that are not from our own hand
    held  partitions of which some records are not part of it: they were handled without effect, or not at all
    """

    outputs: list[Record] = field(default_factory=list)
    retries: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    unsealed: int = 0
    held: dict[TopicPartition, Hold] = field(default_factory=dict)

    def add(self, other: "Outcome") -> None:
        """Append another outcome to this one."""
        self.outputs += other.outputs
        self.retries += other.retries
        self.dead += other.dead
        self.dropped += other.dropped
        self.unsealed += other.unsealed
        self.held |= other.held

    def covers(self, record: Record) -> bool:
        """Say whether a record counts as handled."""
        hold = self.held.get(TopicPartition(record.topic, record.partition)) if self.held else None
        return hold is None or record.offset < hold.offset
