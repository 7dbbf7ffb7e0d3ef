"""A step: the journal of a node calls its States by their new names."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from catenae.operating.migrations.ground import Ground
from catenae.operating.migrations.journal_rewriting import rewrite
from catenae.runtime.journal import JournalEntry

V = TypeVar("V")


class RenameStates(msgspec.Struct, frozen=True, tag="rename states"):
    """In the journal `namespace`, call States by the names that `names` has for them; "" leaves one out."""

    namespace: str
    names: Mapping[str, str]

    def says(self) -> str:
        """Return in words what it does."""
        new = (f"{old} {f'as {name}' if name else 'no more'}" for old, name in self.names.items())
        return f"have the journal of {self.namespace} name {', '.join(new)}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        rewrite(ground.store, self.namespace, self._renamed)

    def _renamed(self, _: int, entry: JournalEntry) -> JournalEntry:
        return entry._replace(keys=self._named(entry.keys), others=self._named(entry.others))

    def _named(self, by_state: Mapping[str, V]) -> dict[str, V]:
        named = ((self.names.get(state, state), value) for state, value in by_state.items())
        return {state: value for state, value in named if state}
