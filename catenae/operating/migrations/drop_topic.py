"""A step: remove a topic with its records."""

import msgspec

from catenae.operating.migrations.ground import Ground


class DropTopic(msgspec.Struct, frozen=True, tag="drop topic"):
    """Remove `topic`, its records and every group's positions in it."""

    topic: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"remove topic {self.topic} with its records"

    def do(self, ground: Ground) -> None:
        """Do it."""
        ground.broker.delete_topics([self.topic])
