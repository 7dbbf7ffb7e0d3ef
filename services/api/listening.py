"""The address that is listened on: replicas on one machine share it, and nobody else does."""

import socket
from http.client import HTTPConnection, HTTPException

from catenae import ConfigError

Address = tuple[str, int]
# Where every server says that it lives, and which it is.
LIVE = "/live"
# A replica on a busy machine takes its time, and to take it for something else would end the topology.
ANSWERS_WITHIN_S = 60
# To listen on all of a machine's addresses; there is one of them to ask by.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  a key


def alive(mark: str) -> str:
    """Return what a server answers at /live; `mark` is the same for those that serve the same documents."""
    return f"ok {mark}\n"


def listen(address: Address, mark: str) -> socket.socket:
    """Return a socket that listens; raise ConfigError where that is impossible, or something else answers.

    The system shares out connections among all that listen on the address. So whoever is there is asked first
    whether it is a replica of this server, or requests would come to another one.
    """
    try:
        if _mark_of(address) not in {None, mark}:
            raise OSError(0, "something else listens there")
        listening = socket.create_server(
            address,
            family=socket.AF_INET6 if ":" in address[0] else socket.AF_INET,
            reuse_port=hasattr(socket, "SO_REUSEPORT"),
            backlog=256,
        )
        # An answer is written in two parts; else the second waits 40 ms for the first to be confirmed.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"the API cannot listen on {address[0]}:{address[1]}: "
            f"{getattr(error, 'strerror', None) or error}. Choose another port: --option api.port=8081"
        ) from error


def _mark_of(address: Address) -> str | None:
    """Return the mark of the server that answers; "" for something else, None if nobody is there."""
    host, port = address
    asking = HTTPConnection(EVERYWHERE.get(host, host), port, timeout=ANSWERS_WITHIN_S)
    try:
        asking.request("GET", LIVE)
        said = asking.getresponse().read(100).decode("ascii", "replace").split()
    except ConnectionRefusedError:
        return None
    except (OSError, HTTPException):
        return ""
    finally:
        asking.close()
    return said[1] if len(said) == 2 else ""
