"""A step: remove a group."""

import msgspec

from catenae.topology.migrations.ground import Ground


class ForgetGroup(msgspec.Struct, frozen=True, tag="forget group"):
    """Remove `group` with its positions, so that nobody goes on from them later."""

    group: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"remove group {self.group} with its positions"

    def do(self, ground: Ground) -> None:
        """Do it."""
        ground.broker.forget(self.group)
