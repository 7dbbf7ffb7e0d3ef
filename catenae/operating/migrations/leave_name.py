"""A step: a topology goes by another name from now on."""

from dataclasses import replace

import msgspec

from catenae.deployment.manifest import Manifest
from catenae.deployment.manifest_log import ManifestLog
from catenae.errors import UpgradeRefused
from catenae.operating.migrations.ground import Ground


class LeaveName(msgspec.Struct, frozen=True, tag="leave name"):
    """Note under name `old` that everything has gone to `new`, so that nobody starts it as `old` any more.

    Raises `UpgradeRefused` if it was started as `old` since: if its manifest is not revision `planned_on`.
    """

    old: str
    new: str
    planned_on: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"note that topology {self.old} is called {self.new} from now on"

    def do(self, ground: Ground) -> None:
        """Do it."""
        log = ManifestLog(ground.broker, self.old, ground.clock)
        log.create()
        found = log.read()
        if found.manifest is not None and found.manifest.moved_to == self.new:
            return
        kept = found.manifest or Manifest(self.old)
        gone = replace(kept, nodes={}, topics={}, migration=None, moved_to=self.new)
        if found.id != self.planned_on or not log.replace(found, gone):
            raise UpgradeRefused(
                f"topology {self.old!r} was started since its new name was asked for, so nothing has been "
                f"done. Stop it, and ask once more: catenae migrate TOPOLOGY --rename-topology {self.old}"
            )
