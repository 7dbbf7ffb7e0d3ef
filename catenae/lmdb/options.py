"""Where a data folder of LMDB is and how it is kept, as an address says it."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl

from catenae.errors import ConfigError

Durability = Literal["second", "commit"]

MEBIBYTE = 1024 * 1024
# As many MiB as there are addresses.
_LIMITED = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class LmdbOptions:
    """Where a data folder is and how it is kept.

    map_size_bytes  the most it can ever hold; address space only, the file grows with what is in it
    durability      "second" flushes to disk once a second: no crash of a process loses anything, a power cut
                    loses the last second, and may damage the folder on a file system that reorders writes;
                    "commit" flushes each commit before it returns, so that a power cut loses nothing either
    """

    path: Path
    map_size_bytes: int = 64 * 1024 * MEBIBYTE
    durability: Durability = "second"

    @classmethod
    def parse(cls, address: str) -> "LmdbOptions":
        """Read `PATH?map_size_mb=65536&durability=second`, both options optional; raise ConfigError.

        A folder's name may hold a question mark: options are what follows the last one, and hold no slash.
        """
        path, mark, query = address.rpartition("?")
        if not mark or "/" in query:
            path, query = address, ""
        if not path:
            raise ConfigError(f"found options {address!r} without a folder. Use embedded:PATH?…")
        options = cls(Path(path))
        for name, value in parse_qsl(query, keep_blank_values=True):
            if name == "map_size_mb" and _LIMITED.fullmatch(value) and int(value) > 0:
                options = replace(options, map_size_bytes=int(value) * MEBIBYTE)
            elif name == "durability" and value in ("second", "commit"):
                options = replace(options, durability="commit" if value == "commit" else "second")
            else:
                raise ConfigError(
                    f"data folder {path!r} was given {name}={value}; "
                    "it takes map_size_mb, a whole number of MiB, and durability, second or commit"
                )
        return options
