"""What a process finds around it: where it stands, its streams, its user, its limits, its environment."""

import ctypes
import os
import random
import resource
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from tests.fuzz import odd

_ENCODINGS = ("utf-8", "utf-8", "utf-8", "latin-1", "ascii")
_OUTPUTS = ("file", "file", "file", "file", "/dev/full", "closed", "unread")
_INPUTS = ("file", "file", "file", "closed")
_VARIABLES = (
    "CATENAE_DATA", "CATENAE_BROKER", "CATENAE_STORE", "CATENAE_DOCUMENTS", "CATENAE_HTTP_HOST",
    "CATENAE_HTTP_PORT", "CATENAE_LOG_LEVEL", "CATENAE_OPTIONS", "CATENAE_OPTION_COUNTER_X",
    "CATENAE_LEASE_S", "CATENAE_SLOT", "HOME", "COLUMNS", "LINES", "TERM", "PROMETHEUS_MULTIPROC_DIR",
    "TMPDIR", "TZ", "https_proxy", "NO_COLOR", "FORCE_COLOR",
)  # fmt: skip
_MEBIBYTE = 2**20


@dataclass(frozen=True)
class Surroundings:
    """Put around a process by itself, before it begins.

    stands   "here", or what is wrong with where it stands
    output   as `error`: "file", "closed", "unread", or a file
    is_mighty  whether root may do what the modes of files forbid
    limits   by the number of the resource; of memory, what may come to what the process has
    """

    stands: str
    source: str
    output: str
    error: str
    encoding: str
    is_mighty: bool
    limits: Mapping[int, int]
    variables: Mapping[str, str]

    def apply(self) -> None:
        """Change this process; its streams are those that it was started with until now."""
        os.environ.update({name: text for name, text in self.variables.items() if text})
        for name in (name for name, text in self.variables.items() if not text):
            os.environ.pop(name, None)
        for descriptor, found in ((0, self.source), (1, self.output), (2, self.error)):
            _redirect(descriptor, found)
        if not self.is_mighty:
            _drop_capabilities()
        has_bytes = _address_space()
        for limit, most in self.limits.items():
            have = has_bytes if limit == resource.RLIMIT_AS else 0
            resource.setrlimit(limit, (have + most, have + most))


def surroundings(chance: random.Random) -> Surroundings:
    """Return some, most of them usual."""
    limits: dict[int, int] = {}
    if chance.random() < 0.15:
        limits[resource.RLIMIT_NOFILE] = chance.randint(3, 40)
    if chance.random() < 0.15:
        # Of less, the kernel has nothing to let a stack grow by, and ends what needs that without a word.
        limits[resource.RLIMIT_AS] = chance.choice((16, 32, 64, 128, 256, 1024)) * _MEBIBYTE
    if chance.random() < 0.05:
        limits[resource.RLIMIT_FSIZE] = chance.choice((4_096, 10_000, 100_000))
    variables = {name: odd.text(chance) for name in _VARIABLES if chance.random() < 0.02}
    return Surroundings(
        stands=chance.choices(("here", "removed", "closed"), (20, 1, 1))[0],
        source=chance.choice(_INPUTS),
        output=chance.choice(_OUTPUTS),
        error="file" if chance.random() < 0.9 else chance.choice(_OUTPUTS),
        encoding=chance.choice(_ENCODINGS),
        is_mighty=chance.random() < 0.3,
        limits=limits,
        variables={name: text.replace("\0", "") for name, text in variables.items()},
    )


def _redirect(descriptor: int, found: str) -> None:
    match found:
        case "file":
            pass
        case "closed":
            os.close(descriptor)
        case "unread":
            reader, writer = os.pipe()
            os.close(reader)
            os.dup2(writer, descriptor)
            os.close(writer)
        case _:
            opened = os.open(found, os.O_RDWR)
            os.dup2(opened, descriptor)
            os.close(opened)


def _drop_capabilities() -> None:
    header = struct.pack("=II", 0x20080522, 0)  # version 3 of capset(2); this process
    ctypes.CDLL(None).capset(header, bytes(24))


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[0]) * resource.getpagesize()
