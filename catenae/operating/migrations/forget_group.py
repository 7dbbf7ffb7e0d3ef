"""A step: remove a group."""

import msgspec

from catenae.operating.migrations.ground import Ground

# A member of an earlier step, or of a command that was killed, is counted for some seconds.
LEAVES_WITHIN_S = 15.0
LOOK_EVERY_S = 0.5


class ForgetGroup(msgspec.Struct, frozen=True, tag="forget group"):
    """Remove `group` with its positions, so that nobody goes on from them later."""

    group: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"remove group {self.group} with its positions"

    def do(self, ground: Ground) -> None:
        """Do it."""
        until_s = ground.clock.monotonic_s() + LEAVES_WITHIN_S
        while ground.broker.members(self.group) and ground.clock.monotonic_s() < until_s:
            ground.clock.sleep(LOOK_EVERY_S)
        ground.broker.forget(self.group)
