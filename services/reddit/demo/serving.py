"""Start the local Reddit: on the loopback interface only, in this thread or beside it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from services import loopback
from services.reddit.demo.application import application
from services.reddit.demo.reddit import LocalReddit


@contextmanager
def serving(reddit: LocalReddit, port: int = 0) -> Iterator[str]:
    """Serve in a thread while the block runs; as `loopback.serving`."""
    with loopback.serving(application(reddit), port) as address:
        yield address


def serve(reddit: LocalReddit, listener: socket.socket) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    loopback.serve(application(reddit), listener)
