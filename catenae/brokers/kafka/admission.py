"""Whether Kafka lets us in, asked before a client tries: clients wait for ever, or say that nothing answers.

A wrong port, certificate, mechanism or password is found by a short conversation with the first server that
takes a connection, and named in the same words whichever client is used.
"""

import socket
import ssl
from collections.abc import Sequence
from contextlib import closing

from catenae.brokers.kafka import wire
from catenae.brokers.kafka.address import Address
from catenae.brokers.kafka.client import REQUEST_TIMEOUT_S
from catenae.brokers.kafka.entry import Entry
from catenae.errors import BrokerError, BrokerUnavailable

_CHECK = "Check security.protocol and the ssl.… and sasl.… properties"


class NotAdmitted(BrokerError):
    """Kafka answers, and does not let in who comes like this."""

    def __init__(self, server: str, found: str) -> None:
        self.server = server
        super().__init__(f"Kafka at {server} refuses the connection: {found}. {_CHECK}")


class Admission:
    """Asks `servers`, each host:port, whether they let in who comes by `entry`."""

    def __init__(self, servers: Sequence[str], entry: Entry, timeout_s: float = REQUEST_TIMEOUT_S) -> None:
        self._servers = servers
        self._entry = entry
        self._timeout_s = timeout_s / len(servers)

    @classmethod
    def of(cls, address: Address) -> "Admission":
        """Read an address. Raises `ConfigError` as `Entry.of` does."""
        return cls(address.servers.split(","), Entry.of(address.properties))

    def require(self) -> None:
        """Return if one of the servers lets us in.

        Where a proxy stands in between nothing is asked. Raises `NotAdmitted` if one refuses and none lets us
        in, `BrokerUnavailable` if none answers.
        """
        if self._entry.is_by_proxy:
            return
        reasons: list[str] = []
        refused: NotAdmitted | None = None
        for server in self._servers:
            try:
                self._ask(server)
            except NotAdmitted as error:
                refused = error
            except (OSError, wire.NotKafka) as error:
                reasons.append(f"{server}: {error}")
            else:
                return
        if refused is not None:
            raise refused
        raise BrokerUnavailable(f"Kafka does not answer while connecting to {'; '.join(reasons)}")

    def _ask(self, server: str) -> None:
        with closing(self._connected(server)) as plain:
            if self._entry.context is None:
                self._ask_in_plain(server, plain)
                return
            try:
                secured = self._entry.context.wrap_socket(plain, server_hostname=_host(server))
            except ssl.SSLCertVerificationError as error:
                found = f"its certificate is not trusted, {error.verify_message.lower().rstrip('.')}"
                raise NotAdmitted(server, found) from error
            except (ssl.SSLError, ConnectionError) as error:
                if self._speaks_plainly(server):
                    raise NotAdmitted(
                        server, f"it speaks no TLS, and security.protocol is {self._entry.protocol}"
                    ) from error
                raise
            with closing(secured):
                self._ask_for_mechanism(server, secured)

    def _ask_in_plain(self, server: str, connection: socket.socket) -> None:
        try:
            self._ask_for_mechanism(server, connection)
        except (wire.NotKafka, ConnectionError) as error:
            if self._speaks_tls(server):
                raise NotAdmitted(
                    server, f"it speaks TLS, and security.protocol is {self._entry.protocol}"
                ) from error
            raise

    def _ask_for_mechanism(self, server: str, connection: socket.socket) -> None:
        """Find out whether SASL is spoken, by which mechanisms, and whether it takes the password."""
        entry = self._entry
        try:
            error, names = wire.handshake(connection, entry.mechanism or "PLAIN")
        except ssl.SSLError as alert:
            # By TLS 1.3 the client hears of its own certificate with the first answer.
            reason = (alert.reason or "unknown").replace("_", " ").lower()
            raise NotAdmitted(server, f"TLS ended with {reason!r}") from alert
        if not entry.mechanism:
            if error != wire.NO_SASL_HERE:
                found = f"it wants SASL, and security.protocol is {entry.protocol}"
                raise NotAdmitted(server, found)
            return
        if error == wire.NO_SASL_HERE:
            raise NotAdmitted(server, f"it has no SASL, and security.protocol is {entry.protocol}")
        if error:
            raise NotAdmitted(
                server,
                f"its mechanisms of SASL are {', '.join(names)}, and sasl.mechanism is {entry.mechanism}",
            )
        refusal = wire.authenticate(connection, entry.mechanism, entry.user, entry.password)
        if refusal is not None:
            raise NotAdmitted(server, "sasl.username or sasl.password is wrong")

    def _speaks_plainly(self, server: str) -> bool:
        try:
            with closing(self._connected(server)) as connection:
                wire.handshake(connection, "PLAIN")
        except (OSError, wire.NotKafka):
            return False
        return True

    def _speaks_tls(self, server: str) -> bool:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            with closing(self._connected(server)) as connection:
                context.wrap_socket(connection, server_hostname=_host(server)).close()
        except (ssl.SSLError, OSError):
            return False
        return True

    def _connected(self, server: str) -> socket.socket:
        port = server.rpartition(":")[2]
        return socket.create_connection((_host(server), int(port)), self._timeout_s)


def _host(server: str) -> str:
    return server.rpartition(":")[0].strip("[]")
