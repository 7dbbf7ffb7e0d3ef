"""One connection to a broker, for the few things that no client can be asked to do."""

import socket
from contextlib import ExitStack

from catenae.brokers.kafka import wire
from catenae.brokers.kafka.entry import Entry


def connect(server: str, entry: Entry, timeout_s: float) -> socket.socket:
    """Return a connection that is let in; each wait on it takes `timeout_s` at most.

    server  host:port

    Raises `OSError` as sockets do, and `wire.NotKafka` where it is not let in.
    """
    host, _, port = server.rpartition(":")
    host = host.strip("[]")
    with ExitStack() as unless_let_in:
        connection = socket.create_connection((host, int(port)), timeout_s)
        unless_let_in.callback(connection.close)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if entry.context is not None:
            connection = entry.context.wrap_socket(connection, server_hostname=host)
        if entry.mechanism:
            wire.handshake(connection, entry.mechanism)
            if wire.authenticate(connection, entry.mechanism, entry.user, entry.password) is not None:
                raise wire.NotKafka(f"{server} does not let in who comes with these credentials")
        unless_let_in.pop_all()
        return connection
