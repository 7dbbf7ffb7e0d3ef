"""A Kafka behind TLS and a password: let in with the right settings, told in one line with wrong ones."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from catenae.broker import Input, TopicSpec
from catenae.brokers import open_broker
from catenae.errors import CatenaeError
from catenae.message import Record
from tests.acceptance.command import ROOT
from tests.patience import until
from tests.servers.fixtures import lent
from tests.servers.secure_kafka import PASSWORD, USER, SecureKafka, secure_kafka

pytestmark = pytest.mark.servers

# Ten seconds are promised; a busy machine takes its time to start a process.
TOLD_WITHIN_S = 30.0


@pytest.fixture(scope="module")
def secure() -> Iterator[SecureKafka]:
    with contextmanager(lent)(secure_kafka) as kafka:
        yield kafka


@pytest.fixture(params=["kafka-python", "confluent"])
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def url(kafka: SecureKafka, client: str, **more: str) -> str:
    settings = {"client": client, "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}
    settings |= {"ssl.ca.location": str(kafka.certificate)} | more
    return f"kafka://{kafka.bootstrap}?" + "&".join(f"{name}={value}" for name, value in settings.items())


def test_with_certificate_and_password_everything_passes(
    secure: SecureKafka, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CATENAE_KAFKA_SASL_USERNAME", USER)
    monkeypatch.setenv("CATENAE_KAFKA_SASL_PASSWORD", PASSWORD)
    with closing(open_broker(url(secure, client))) as broker:
        broker.create_topics([TopicSpec(client, 1)])
        broker.append([Record(client, b"k", b"v")])
        session = broker.join(client, "m", [Input(client)])

        until(lambda: [each.value for each in session.poll({client: 9}, 1.0).records] == [b"v"])


WRONG = {
    "password": ({"sasl.password": "wrong-for-this-test"}, "sasl.username or sasl.password is wrong"),
    "certificate": ({"ssl.ca.location": "another.pem"}, "its certificate is not trusted, self-signed"),
    "mechanism": ({"sasl.mechanism": "SCRAM-SHA-256"}, "of SASL are PLAIN, and sasl.mechanism is SCRAM-"),
    "protocol": ({"security.protocol": "PLAINTEXT"}, "it speaks TLS, and security.protocol is PLAINTEXT"),
    "file": ({"ssl.ca.location": "missing.pem"}, "ssl.ca.location names 'missing.pem', where no file is"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_setting_is_named(
    secure: SecureKafka, client: str, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    another(tmp_path)
    properties, named = WRONG[wrong]
    more = {"sasl.username": USER, "sasl.password": PASSWORD} | properties

    with (
        pytest.raises(CatenaeError, match=named),
        closing(open_broker(url(secure, client, **more))) as broker,
    ):
        broker.topics()


COMMANDS = {
    "up": ["up", "topologies/wordcount.py"],
    "work": ["work", "topologies/wordcount.py", "splitter"],
    "topics": ["topics"],
    "lag": ["lag", "topologies/wordcount.py"],
    "tail": ["tail", "lines"],
    "produce": ["produce", "lines"],
    "reset": ["reset", "topologies/wordcount.py", "--yes", "--state"],
    "list": ["dead-letters", "list"],
    "show": ["dead-letters", "show", "lines"],
    "replay": ["dead-letters", "replay", "lines"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_names_a_wrong_password_in_one_line_and_soon(
    secure: SecureKafka, client: str, command: str, tmp_path: Path
) -> None:
    environment = os.environ | {
        "CATENAE_BROKER": url(secure, client),
        "CATENAE_HTTP_PORT": "0",
        "CATENAE_LOG_LEVEL": "error",
        "CATENAE_KAFKA_SASL_USERNAME": USER,
        "CATENAE_KAFKA_SASL_PASSWORD": "wrong-for-this-test",
    }
    whole = [sys.executable, "-m", "catenae", *COMMANDS[command], "--data", str(tmp_path)]
    done = subprocess.run(
        whole,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TOLD_WITHIN_S,
        check=False,
        input="1\n",
    )

    assert done.returncode == 2
    *log, said = done.stderr.splitlines()
    # The line of a log beside it is that of an instance, and the command's own is the last one.
    assert len(log) == (command == "work")
    assert "sasl.username or sasl.password is wrong. Check security.protocol" in said
    assert "wrong-for-this-test" not in done.stderr


def another(folder: Path) -> None:
    """Make a certificate that is not Kafka's."""
    file = folder / "another.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=another"]
    subprocess.run([*command, "-keyout", folder / "key.pem", "-out", file], check=True, capture_output=True)
