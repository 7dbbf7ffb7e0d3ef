"""Ports that stay a server's own while it is down."""

import random
import socket
from itertools import islice

# Below the range that systems hand out to outgoing connections (32768 and up on Linux): otherwise a client
# that tries to reconnect to a killed server could take its port, or even connect to itself.
_FIRST, _LAST = 20_000, 32_000


def free_ports(count: int) -> list[int]:
    """Return `count` ports of the loopback address on which nothing listens."""
    candidates = random.sample(range(_FIRST, _LAST), k=_LAST - _FIRST)
    return list(islice(filter(_is_free, candidates), count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
