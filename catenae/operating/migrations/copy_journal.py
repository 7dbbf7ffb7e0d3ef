"""A step: the journal of a node under another name as well."""

import msgspec

from catenae.operating.migrations.ground import Ground
from catenae.runtime.journal import Journal


class CopyJournal(msgspec.Struct, frozen=True, tag="copy journal"):
    """Give journal `new` the entries of journal `old`, of a group that has had no generation yet."""

    old: str
    new: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"copy the journal {self.old} to {self.new}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        old, new = Journal(ground.store, self.old), Journal(ground.store, self.new)
        entries = old.read(old.numbers())
        new.read(entries)
        # The generations of one group mean nothing in another.
        new.write({number: entry._replace(generation=0) for number, entry in entries.items()})
