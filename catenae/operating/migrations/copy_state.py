"""A step: State under another name as well."""

from itertools import islice

import msgspec

from catenae.errors import StoreError
from catenae.operating.migrations.ground import Ground
from catenae.store import ABSENT, Write

CHUNK_KEYS = 500


class CopyState(msgspec.Struct, frozen=True, tag="copy state"):
    """Copy every record of namespace `old` to namespace `new` of the store, byte for byte.

    A record that is there already is not written again, so that a second one who migrates, and was frozen
    meanwhile, changes nothing that the topology has written since. Raises `StoreError` where another one is.
    """

    old: str
    new: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"copy what the store keeps as {self.old} to {self.new}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        store = ground.store
        found = store.scan(self.old)
        while values := {key: entry.value for key, entry in islice(found, CHUNK_KEYS)}:
            store.compare_and_put(self.new, self._missing(ground, values))
            there = store.get_many(self.new, list(values))
            other = [key for key, value in values.items() if key not in there or there[key].value != value]
            if other:
                raise StoreError(
                    f"{self.new!r} in the store has {len(other)} records other than {self.old!r} has, "
                    f"so nothing more was copied. Drop the State of that name first"
                )

    def _missing(self, ground: Ground, values: dict[str, bytes]) -> list[Write]:
        there = ground.store.get_many(self.new, list(values))
        return [Write(key, value, ABSENT) for key, value in values.items() if key not in there]
