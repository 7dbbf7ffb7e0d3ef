"""A Kafka that allows what `catenae acls` lists, and nothing more: a topology runs, and misses what goes."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from catenae.brokers import open_broker
from catenae.operating.acls import Acl, acls
from tests.acceptance.command import ROOT, Command
from tests.patience import PATIENCE_S, until
from tests.servers.fixtures import lent
from tests.servers.secure_kafka import PASSWORD, USER, SecureKafka, secure_kafka
from topologies.wordcount import topology

admin = pytest.importorskip("confluent_kafka.admin")
pytestmark = pytest.mark.servers

TOPOLOGY = "topologies/wordcount.py"
OPERATIONS = {"AlterConfigs": "ALTER_CONFIGS", "DescribeConfigs": "DESCRIBE_CONFIGS"}
KINDS = {"topic": "TOPIC", "group": "GROUP", "transactional-id": "TRANSACTIONAL_ID"}


@pytest.fixture
def kafka() -> Iterator[SecureKafka]:
    with contextmanager(lent)(partial(secure_kafka, has_authorizer=True)) as server:
        yield server


@pytest.fixture
def operator(kafka: SecureKafka) -> Any:
    return admin.AdminClient({"bootstrap.servers": kafka.operator})


@pytest.fixture(params=["kafka-python", "confluent"])
def up(
    kafka: SecureKafka, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Command]:
    settings = {
        "BROKER": f"kafka://{kafka.bootstrap}?client={request.param}",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SSL_CA_LOCATION": str(kafka.certificate),
        "KAFKA_SASL_MECHANISM": "PLAIN",
        "KAFKA_SASL_USERNAME": USER,
        "KAFKA_SASL_PASSWORD": PASSWORD,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"CATENAE_{name}", value)
    request.getfixturevalue("allowed")
    command = Command(tmp_path, "up", TOPOLOGY)
    yield command
    command.kill()


@pytest.fixture
def allowed(operator: Any) -> None:
    done(operator.create_acls(bindings(acls(topology))))


def bindings(rules: Iterable[Acl], kind: Any = admin.AclBinding) -> list[Any]:
    """Return rules for the tester as Kafka's client has them, each once, or filters that find them."""
    found = [
        kind(
            admin.ResourceType[KINDS[each.kind]],
            each.name if each.name == "*" else each.name.removesuffix("*"),
            admin.ResourcePatternType.PREFIXED
            if each.name.endswith("*") and each.name != "*"
            else admin.ResourcePatternType.LITERAL,
            f"User:{USER}",
            "*",
            admin.AclOperation[OPERATIONS.get(operation, operation.upper())],
            admin.AclPermissionType.ALLOW,
        )
        for each in rules
        for operation in each.operations
    ]
    return list(dict.fromkeys(found))


def done(asked: Any) -> None:
    for each in asked.values():
        each.result()


def run(data: Path, *arguments: str, given: str = "") -> str:
    """Return what a command prints."""
    command = [sys.executable, "-m", "catenae", *arguments, "--data", str(data)]
    ended = subprocess.run(
        command, cwd=ROOT, input=given, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def counted(kafka: SecureKafka) -> int:
    with closing(open_broker(f"kafka://{kafka.operator}?security.protocol=PLAINTEXT")) as broker:
        spans = broker.spans("counts") if "counts" in broker.topics() else []
        return sum(len(broker.read("counts", number, 0, span.end)) for number, span in enumerate(spans))


def test_what_is_listed_suffices_and_what_is_taken_away_is_named(
    kafka: SecureKafka, operator: Any, up: Command, tmp_path: Path
) -> None:
    until(lambda: up.probe("/ready") is True)
    run(tmp_path, "produce", "lines", given='"to be"\n"or not to be"\n7\n')
    until(lambda: counted(kafka) == 6)

    assert "lines" in run(tmp_path, "topics")
    assert "splitter" in run(tmp_path, "lag", TOPOLOGY)
    words = run(tmp_path, "tail", "words", "--from-start")
    assert len([json.loads(line) for line in words.splitlines()]) == 6
    assert "splitter" in run(tmp_path, "dead-letters", "list")
    run(tmp_path, "dead-letters", "replay", "lines")

    done(operator.delete_acls(bindings([Acl("", "topic", "words", ("Write",))], admin.AclBindingFilter)))
    run(tmp_path, "produce", "lines", given='"that is"\n')
    # librdkafka does not say which topic it was.
    until(lambda: up.said("Kafka refuses access"))
    done(operator.create_acls(bindings(acls(topology))))
    until(lambda: counted(kafka) == 8)
    assert up.stop() == 0
    run(tmp_path, "reset", TOPOLOGY, "--yes", "--state")
