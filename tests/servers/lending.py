"""One server of each kind: the one the environment names, else one in Docker, else one on the machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.container import container
from tests.servers.docker import has_image
from tests.servers.kafka import KafkaServer, broker_settings
from tests.servers.mongodb import MongoServer
from tests.servers.opensearch import OpenSearchServer
from tests.servers.ports import free_ports
from tests.servers.postgresql import PostgresqlServer
from tests.servers.unavailable import ServerUnavailable

IMAGES = {
    "kafka": "apache/kafka:4.3.1",
    "mongodb": "mongo:8",
    "postgresql": "postgres:17",
    "aerospike": "aerospike/aerospike-server:latest",
}


@contextmanager
def lend_kafka() -> Iterator[str]:
    """Lend a Kafka broker; yield its address, host:port. Raises ServerUnavailable."""
    if address := os.environ.get("CATENAE_TEST_KAFKA"):
        yield address
    elif has_image(IMAGES["kafka"]):
        port, controller = free_ports(2)
        settings = broker_settings(0, [port], [controller])
        variables = {f"KAFKA_{name.replace('.', '_').upper()}": value for name, value in settings.items()}
        with container(IMAGES["kafka"], ready="Kafka Server started", environment=variables):
            yield f"127.0.0.1:{port}"
    else:
        with KafkaServer() as server:
            yield server.bootstrap


@contextmanager
def lend_mongodb() -> Iterator[str]:
    """Lend a server of MongoDB's wire protocol; yield its URL. Raises ServerUnavailable."""
    if url := os.environ.get("CATENAE_TEST_MONGODB"):
        yield url
    elif has_image(IMAGES["mongodb"]):
        (port,) = free_ports(1)
        place = ["--bind_ip", "127.0.0.1", "--port", str(port)]
        with container(IMAGES["mongodb"], *place, ready="Waiting for connections"):
            yield f"mongodb://127.0.0.1:{port}/"
    else:
        with MongoServer() as server:
            yield server.url


@contextmanager
def lend_postgresql() -> Iterator[str]:
    """Lend a PostgreSQL server; yield the URL of its database `postgres`. Raises ServerUnavailable."""
    if url := os.environ.get("CATENAE_TEST_POSTGRESQL"):
        yield url
    elif has_image(IMAGES["postgresql"]):
        (port,) = free_ports(1)
        variables = {"POSTGRES_HOST_AUTH_METHOD": "trust", "PGPORT": port}
        # It says so once before, of the server that only makes the database.
        ready = "listening on IPv4 address"
        place = ["-c", "listen_addresses=127.0.0.1"]
        with container(IMAGES["postgresql"], *place, ready=ready, environment=variables):
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    else:
        with PostgresqlServer() as server:
            yield server.url


@contextmanager
def lend_opensearch() -> Iterator[str]:
    """Lend an OpenSearch without users; yield its URL. Raises ServerUnavailable."""
    if url := os.environ.get("CATENAE_TEST_OPENSEARCH"):
        yield url
    else:
        with OpenSearchServer() as server:
            yield server.url


@contextmanager
def lend_aerospike() -> Iterator[str]:
    """Lend an Aerospike server; yield its URL, aerospike://host:port/namespace. Raises ServerUnavailable."""
    if url := os.environ.get("CATENAE_TEST_AEROSPIKE"):
        yield url
    elif has_image(IMAGES["aerospike"]):
        (port,) = free_ports(1)
        variables = {"SERVICE_ADDRESS": "127.0.0.1", "SERVICE_PORT": port, "NAMESPACE": "test"}
        with container(IMAGES["aerospike"], ready="service ready", environment=variables):
            yield f"aerospike://127.0.0.1:{port}/test"
    else:
        raise ServerUnavailable(
            f"no Aerospike: set CATENAE_TEST_AEROSPIKE=aerospike://host:port/namespace, "
            f"or start Docker and pull {IMAGES['aerospike']}"
        )
