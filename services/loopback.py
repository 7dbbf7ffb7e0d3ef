"""Serve an application on the loopback interface only, in this thread or beside it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

HOST = "127.0.0.1"
_STOP_S = 1


@contextmanager
def serving(application: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve in a thread while the block runs; gives the address, on a free port unless one is named.

    Raises OSError if the port is taken.
    """
    listener = listen(port)
    server = _server(application)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield address_of(listener)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def serve(application: ASGIApp, listener: socket.socket) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    _server(application).run(sockets=[listener])


def listen(port: int) -> socket.socket:
    """Return a socket that accepts connections from this machine; raise OSError if the port is taken."""
    listener = socket.create_server((HOST, port), backlog=256)
    # Those it accepts inherit this; asyncio sets it only where the protocol is named, which it is not here.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the address that clients use."""
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _server(application: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(
        application,
        log_config=None,
        log_level="critical",  # an answer that is cut is what a test wanted
        access_log=False,  # paths hold names and tokens
        lifespan="off",
        timeout_graceful_shutdown=_STOP_S,
    )
    return uvicorn.Server(config)
