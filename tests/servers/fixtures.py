"""Fixtures that lend a real server. A missing one skips the test; with CATENAE_REQUIRE_SERVERS=1 it fails."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

import pytest

from tests.servers.docker import DockerEngine
from tests.servers.kafka import KafkaServer
from tests.servers.lending import (
    lend_aerospike,
    lend_kafka,
    lend_mongodb,
    lend_opensearch,
    lend_postgresql,
)
from tests.servers.mongodb import MongoServer
from tests.servers.postgresql import PostgresqlServer
from tests.servers.unavailable import ServerUnavailable

Server = TypeVar("Server")


@contextmanager
def require() -> Iterator[None]:
    """Skip or fail the test if what it takes is unavailable."""
    try:
        yield
    except ServerUnavailable as missing:
        refuse = pytest.fail if os.environ.get("CATENAE_REQUIRE_SERVERS") == "1" else pytest.skip
        refuse(str(missing))


def lent(lend: Callable[[], AbstractContextManager[Server]]) -> Iterator[Server]:
    """Yield what `lend` lends; skip or fail the test if it is unavailable."""
    with ExitStack() as stack:
        with require():
            server = stack.enter_context(lend())
        yield server


@pytest.fixture(scope="session")
def kafka() -> Iterator[str]:
    """Return the address, host:port, of a Kafka that tests share: name topics and groups uniquely."""
    yield from lent(lend_kafka)


@pytest.fixture
def kafka_broker() -> Iterator[KafkaServer]:
    """Return a Kafka broker of the test's own, to be killed and started again."""
    yield from lent(KafkaServer)


@pytest.fixture
def kafka_cluster() -> Iterator[KafkaServer]:
    """Return three Kafka brokers of the test's own, of which one may be lost."""
    yield from lent(lambda: KafkaServer(brokers=3))


@pytest.fixture(scope="session")
def mongodb() -> Iterator[str]:
    """Return the URL of a server of MongoDB's protocol that tests share: name databases uniquely."""
    yield from lent(lend_mongodb)


@pytest.fixture
def mongodb_server() -> Iterator[MongoServer]:
    """Return a server of MongoDB's protocol of the test's own, to be killed and started again."""
    yield from lent(MongoServer)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Return the URL of a PostgreSQL database that tests share: name schemas uniquely."""
    yield from lent(lend_postgresql)


@pytest.fixture
def postgresql_server() -> Iterator[PostgresqlServer]:
    """Return a PostgreSQL server of the test's own, to be ended and started again."""
    yield from lent(PostgresqlServer)


@pytest.fixture(scope="session")
def opensearch() -> Iterator[str]:
    """Return the URL of an OpenSearch that tests share: name indices uniquely."""
    yield from lent(lend_opensearch)


@pytest.fixture(scope="session")
def aerospike() -> Iterator[str]:
    """Return the URL of an Aerospike server that tests share: name sets uniquely."""
    yield from lent(lend_aerospike)


@pytest.fixture(scope="session")
def docker() -> Iterator[DockerEngine]:
    """Return a running Docker engine with Compose: use the `docker` command."""
    yield from lent(DockerEngine)
