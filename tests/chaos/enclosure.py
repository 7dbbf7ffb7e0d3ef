"""A process in namespaces of its own: its network, disk and processes can be cut, filled and ended alone.

It needs Linux and root, or a kernel that lets anybody have namespaces. Without, some mishaps cannot be had.
"""

import os
import subprocess
from functools import cache

ENCLOSED = "CHAOS_ENCLOSED"
_UNSHARE = ("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child")
_AS_ROOT_INSIDE = ("--user", "--map-root-user")


@cache
def enclosing() -> tuple[str, ...]:
    """Return the words before a command that enclose it; none where that cannot be had."""
    for words in (_UNSHARE, (*_UNSHARE, *_AS_ROOT_INSIDE)):
        try:
            subprocess.run([*words, "ip", "link", "set", "lo", "up"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return words
    return ()


def is_enclosed() -> bool:
    """Say whether this process is."""
    return os.environ.get(ENCLOSED) == "1"


def connect(*, connected: bool) -> None:
    """Let the enclosed processes reach each other, or not."""
    subprocess.run(["ip", "link", "set", "lo", "up" if connected else "down"], check=True)
