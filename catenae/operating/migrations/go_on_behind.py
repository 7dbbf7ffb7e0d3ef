"""A step: a node goes on in topics that have more partitions now."""

import msgspec

from catenae.broker import Position
from catenae.codec.packing import pack
from catenae.operating.migrations.ground import Ground
from catenae.runtime.state_records import NO_BATCH


class GoOnBehind(msgspec.Struct, frozen=True, tag="go on behind"):
    """Give `group` the positions of group `ends` in these topics.

    batch  the number of the batch as which all of its State was written, 0 for a node without
    """

    group: str
    topics: tuple[str, ...]
    ends: str
    batch: int = NO_BATCH

    def says(self) -> str:
        """Return in words what it does."""
        return f"have {self.group} go on behind what was written anew for it, in {', '.join(self.topics)}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        note = b"" if self.batch == NO_BATCH else pack(self.batch)
        ends = ground.positions(self.ends)
        ground.broker.reset(
            self.group,
            {each: Position(end.offset, note) for each, end in ends.items() if each.topic in self.topics},
        )
