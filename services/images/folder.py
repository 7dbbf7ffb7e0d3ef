"""Images in a folder of this machine, by their names in it. Nothing outside of it is ever read."""

import os
import stat
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from services.images.images import MOST_BYTES, NoImage

# A link would lead elsewhere, and a pipe would let its reader wait.
_PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NO_PARTS = frozenset(("", ".", ".."))


class FolderImages:
    """A folder, and folders in it. Links are not followed, wherever they lead, also none made meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes:
        parts = name.split("/")
        if _NO_PARTS.intersection(parts) or "\0" in name or PurePosixPath(name).is_absolute():
            raise NoImage("bad name")
        try:
            return self._content(parts)
        except OSError:
            raise NoImage("absent") from None
        except UnicodeEncodeError:
            raise NoImage("bad name") from None

    def close(self) -> None:
        """It holds nothing open."""

    def _content(self, parts: list[str]) -> bytes:
        with ExitStack() as opened:
            # One after the other, each as it is in the one before: a path could be another one by then.
            place = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            opened.callback(os.close, place)
            for part in parts[:-1]:
                place = os.open(part, _PLAIN | os.O_DIRECTORY, dir_fd=place)
                opened.callback(os.close, place)
            with open(os.open(parts[-1], _PLAIN, dir_fd=place), "rb") as file:  # noqa: PTH123  of a number
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise NoImage("not a file")
                content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise NoImage("too large")
        return content
