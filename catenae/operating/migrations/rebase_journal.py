"""A step: the journal of a node counts the offsets of a topic by those of its copy."""

import msgspec

from catenae.operating.migrations.ground import Ground
from catenae.operating.migrations.journal_rewriting import rewrite
from catenae.operating.migrations.offsets import CopiedOffsets
from catenae.runtime.journal import Offsets


class RebaseJournal(msgspec.Struct, frozen=True, tag="rebase journal"):
    """In the journal `namespace`, offsets in topic `old` become those in `new`, a copy; "" removes them."""

    namespace: str
    old: str
    new: str = ""

    def says(self) -> str:
        """Return in words what it does."""
        instead = f"those in {self.new}" if self.new else "nothing"
        return f"have the journal of {self.namespace} say {instead} in place of offsets in {self.old}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        if self.old in ground.broker.topics() or not self.new:
            rewrite(
                ground.store,
                self.namespace,
                lambda number, entry: entry._replace(
                    generation=0, since=self._changed(ground, number, entry.since)
                ),
            )

    def _changed(self, ground: Ground, number: int, since: Offsets) -> Offsets:
        if self.old not in since:
            return since
        rest = {topic: offset for topic, offset in since.items() if topic != self.old}
        if not self.new:
            return rest
        copied = CopiedOffsets(ground.broker, self.old, self.new, number)
        return rest | {self.new: copied.at(since[self.old])}
