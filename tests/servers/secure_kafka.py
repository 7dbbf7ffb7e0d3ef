"""A Kafka that lets in only who has a password, over TLS with a certificate made for the occasion.

One that has an authorizer too allows the user nothing that was not said to it.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.cache import obtain
from tests.servers.kafka import KafkaServer
from tests.servers.ports import free_ports

USER, PASSWORD = "tester", "for-this-test-only"
_AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    # Whoever comes through the listener without passwords: brokers among themselves, and the operator.
    "super.users": "User:ANONYMOUS",
}
_LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


@dataclass(frozen=True)
class SecureKafka:
    """Where it is, and the certificate to trust.

    operator  where it asks nobody for a password, and allows everything
    """

    bootstrap: str
    certificate: Path
    operator: str


@contextmanager
def secure_kafka(*, has_authorizer: bool = False) -> Iterator[SecureKafka]:
    """Serve on loopback by SASL_SSL. Raises ServerUnavailable as KafkaServer does, and without openssl."""
    with tempfile.TemporaryDirectory(prefix="catenae-kafka-tls-") as folder:
        certificate, key = Path(folder) / "certificate.pem", Path(folder) / "key.pem"
        request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        obtain([*request, *name, "-keyout", key, "-out", certificate])
        (port,) = free_ports(1)
        listener = {"SECURE": f"127.0.0.1:{port}"}
        settings = _settings(certificate, key) | (_AUTHORIZER if has_authorizer else {})
        with KafkaServer(listeners=listener, settings=settings) as server:
            yield SecureKafka(f"127.0.0.1:{port}", certificate, server.bootstrap)


def _settings(certificate: Path, key: Path) -> dict[str, object]:
    protocols = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL"
    return {
        "listener.security.protocol.map": protocols,
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.name.secure.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.secure.plain.sasl.jaas.config": f'{_LOGIN} required user_{USER}="{PASSWORD}";',
        "listener.name.secure.ssl.keystore.type": "PEM",
        "listener.name.secure.ssl.keystore.certificate.chain": _on_one_line(certificate),
        "listener.name.secure.ssl.keystore.key": _on_one_line(key),
    }


def _on_one_line(file: Path) -> str:
    """Return a file as Java's properties have it."""
    return file.read_text().replace("\n", "\\n")
