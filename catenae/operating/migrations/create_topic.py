"""A step: create a topic where records or positions are about to go."""

import msgspec

from catenae.broker import TopicSpec
from catenae.operating.migrations.ground import Ground


class CreateTopic(msgspec.Struct, frozen=True, tag="create topic"):
    """Create `topic`; records wait for `readers` from the first."""

    topic: str
    partitions: int
    retention_bytes: int | None = None
    retention_s: float | None = None
    readers: tuple[str, ...] = ()

    def says(self) -> str:
        """Return in words what it does."""
        return f"create topic {self.topic} with {self.partitions} partitions"

    def do(self, ground: Ground) -> None:
        """Do it."""
        spec = TopicSpec(self.topic, self.partitions, self.retention_bytes, self.retention_s, self.readers)
        ground.broker.create_topics([spec])
