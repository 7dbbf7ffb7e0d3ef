"""Whether a broker can be reached, before kafka-python tries: a failure of its own leaves a thread behind."""

import socket
from collections.abc import Sequence

from catenae.errors import BrokerUnavailable


def require_reachable(servers: Sequence[str], timeout_s: float) -> None:
    """Return if one of the servers, `host:port`, takes a connection; raise BrokerUnavailable if none does."""
    reason: OSError | None = None
    for server in servers:
        host, _, port = server.rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout_s / len(servers)):
                return
        except OSError as error:
            reason = error
    raise BrokerUnavailable(
        f"Kafka does not answer while connecting to {', '.join(servers)}: {reason}"
    ) from reason
