"""Files and folders that no other user of the machine can read, and that are never somebody else's.

What is kept here is what people wrote. So a folder is its owner's alone, a file is made for its owner alone
whatever the umask is, and a symbolic link that somebody has put in a file's place is not followed.
"""

import os
import stat
from pathlib import Path
from typing import IO

_OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def keep_private() -> None:
    """Have every file that this process and those it starts make from now on be its user's alone."""
    os.umask(_OF_OTHERS)


def private_folder(path: Path) -> None:
    """Create a folder where it is missing, with those it lies in; raise OSError."""
    path.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)


def tighten(path: Path) -> None:
    """Create a folder that nobody else has a use for, or take it from everybody else; raise OSError.

    One that is a link, or another user's, is not ours to write in: NotADirectoryError, PermissionError.
    """
    private_folder(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(descriptor).st_mode & _OF_OTHERS:
            os.fchmod(descriptor, stat.S_IRWXU)
    finally:
        os.close(descriptor)


def open_private(path: Path, flags: int) -> int:
    """Open a file as `os.open` does, made for its owner alone; raise OSError, also for a symbolic link."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, stat.S_IRUSR | stat.S_IWUSR)


def new_private(path: Path) -> IO[str]:
    """Open a file to write text to, made anew in place of whatever was there; raise OSError."""
    path.unlink(missing_ok=True)
    return os.fdopen(open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w", encoding="utf-8")


def exposed(path: Path) -> str:
    """Say in a line that others of the machine can look into a folder, and what mends it; "" if none can."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    if not mode & _OF_OTHERS:
        return ""
    return (
        f"folder {str(path)!r} is open to other users of this machine ({stat.filemode(mode)}); what people "
        f"wrote is in it. Close it: chmod 700 {path}"
    )
