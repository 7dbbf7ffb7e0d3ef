"""`catenae up --reload`: what a change of the project's files comes to."""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from catenae.edge import bring_out
from catenae.errors import TopologyError

# Folders in which nothing of a project's own is: what was installed, made or kept there.
_LEFT_OUT = frozenset(("__pycache__", "node_modules", "build", "dist"))

Stamps = Mapping[Path, tuple[int, int]]


class Changes:
    """Tells when Python files of a project have changed, once they have come to rest between two looks.

    data  the data folder, which is no part of it
    """

    def __init__(self, root: Path, data: Path) -> None:
        self._root = root
        self._data = data.resolve()
        self._known = self._last = self._stamps()

    def have_come(self) -> bool:
        """Look; say whether there is a change since this was last said, and none since the last look."""
        before, self._last = self._last, self._stamps()
        if self._last == self._known or self._last != before:
            return False
        self._known = self._last
        return True

    def _stamps(self) -> Stamps:
        return dict(self._files())

    def _files(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        for name, folders, files in os.walk(self._root):
            folder = Path(name)
            folders[:] = [each for each in folders if self._is_own(folder / each)]
            for path in (folder / each for each in files if each.endswith(".py")):
                try:
                    stat = path.stat()
                except OSError:
                    continue
                yield path, (stat.st_mtime_ns, stat.st_size)

    def _is_own(self, folder: Path) -> bool:
        is_left_out = folder.name.startswith(".") or folder.name in _LEFT_OUT
        return not is_left_out and folder.resolve() != self._data


class Reloading:
    """Has `up` stop in order when files have changed, and begin anew in its own place.

    changes  None where that is not wanted
    check    raises `TopologyError` for files with mistakes: what runs goes on as it was then
    """

    def __init__(self, changes: Changes | None, check: Callable[[], None], stop: threading.Event) -> None:
        self._changes = changes
        self._check = check
        self._stop = stop
        self._is_due = False

    def look(self, say: Callable[[str], None]) -> None:
        """Look for changes, and tell what comes of them."""
        if self._changes is None or not self._changes.have_come():
            return
        try:
            self._check()
        except TopologyError:
            say("files have changed and have mistakes, so what runs goes on as it was")
            return
        say("files have changed: each instance ends its batch, and all begins anew")
        self._is_due = True
        self._stop.set()

    def end(self, arguments: Sequence[str]) -> None:
        """Be a process of `catenae` with these arguments from now on, with nothing imported before, if due.

        What was removed once at the start is not removed again.
        """
        if self._is_due:
            kept = [each for each in arguments if each != "--fresh"]
            bring_out()
            os.execv(sys.executable, [sys.executable, "-m", "catenae", *kept])  # noqa: S606  this very program
