"""A step: an input goes, what its positions say of State stays."""

import msgspec

from catenae.codec.packing import pack
from catenae.deployment.evidence import last_batches
from catenae.operating.migrations.ground import Ground
from catenae.runtime.state_records import NO_BATCH


class CarryBatches(msgspec.Struct, frozen=True, tag="carry batches"):
    """Note beside each position of `group` outside of `topic` which batch was the last that it committed.

    Without, a batch that only the position in `topic` tells of would be taken for one that was not committed.
    """

    group: str
    topic: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"keep what positions of {self.group} in {self.topic} say of its State beside those that stay"

    def do(self, ground: Ground) -> None:
        """Do it."""
        positions = ground.positions(self.group)
        last = last_batches(positions)
        moved = {
            each: position._replace(note=pack(last[each.partition]))
            for each, position in positions.items()
            if each.topic != self.topic and last[each.partition] != NO_BATCH
        }
        if moved:
            ground.broker.reset(self.group, moved)
