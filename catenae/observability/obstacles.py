"""What the processes of one machine wait for, in their own words, for the process that shows them.

Beside the figures, in the same folder: a file per process, there while it waits.
"""

import os
from pathlib import Path

from catenae.private_files import open_private

_SUFFIX = ".waiting"


class Obstacles:
    """What each member waits for. A folder that has no room keeps nothing, and is no reason to end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tell(self, member: str, reason: str) -> None:
        """Say what a member waits for; "" for nothing any more."""
        file = self._file(member)
        try:
            if reason:
                descriptor = open_private(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                with os.fdopen(descriptor, "w", encoding="utf-8") as written:
                    written.write(reason)
            else:
                file.unlink(missing_ok=True)
        except OSError:
            return

    def of(self, member: str) -> str:
        """Return what a member waits for; "" if it waits for nothing."""
        try:
            return self._file(member).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def clear(self) -> None:
        """Forget what everybody waited for."""
        for file in self._folder.glob(f"*{_SUFFIX}"):
            file.unlink(missing_ok=True)

    def _file(self, member: str) -> Path:
        return self._folder / f"{member}{_SUFFIX}"
