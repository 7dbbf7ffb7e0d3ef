"""What became of some messages."""

from collections import Counter
from dataclasses import dataclass, field

from catenae.message import Record


@dataclass(slots=True)
class Outcome:
    """Records to commit, and what to count: retries, dead letters and dropped messages by reason."""

    outputs: list[Record] = field(default_factory=list)
    retries: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Outcome") -> None:
        """Append another outcome to this one."""
        self.outputs += other.outputs
        self.retries += other.retries
        self.dead += other.dead
        self.dropped += other.dropped
