"""A step: remove State, or a node's journal."""

import msgspec

from catenae.operating.migrations.ground import Ground


class DropState(msgspec.Struct, frozen=True, tag="drop state"):
    """Remove every record of a namespace of the store."""

    namespace: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"remove what the store keeps as {self.namespace}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        ground.store.drop(self.namespace)
