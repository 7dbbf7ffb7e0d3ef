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
from catenae.message import Record
from tests.acceptance.command import ROOT
from tests.patience import PATIENCE_S, until
from tests.servers.fixtures import lent
from tests.servers.secure_kafka import PASSWORD, USER, SecureKafka, secure_kafka

pytestmark = pytest.mark.servers


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


@pytest.mark.parametrize("wrong", ["password", "certificate"])
def test_wrong_settings_end_a_command_with_one_line_and_status_2(
    secure: SecureKafka, client: str, wrong: str, tmp_path: Path
) -> None:
    password = "wrong-for-this-test" if wrong == "password" else PASSWORD
    more = {"ssl.ca.location": another(tmp_path)} if wrong == "certificate" else {}
    environment = os.environ | {
        "CATENAE_BROKER": url(secure, client, **more),
        "CATENAE_KAFKA_SASL_USERNAME": USER,
        "CATENAE_KAFKA_SASL_PASSWORD": password,
    }
    whole = [sys.executable, "-m", "catenae", "topics", "--data", str(tmp_path)]
    done = subprocess.run(
        whole, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    # kafka-python does not say why it was not let in.
    assert client == "kafka-python" or "Check security.protocol" in done.stderr
    assert password not in done.stderr


def another(folder: Path) -> str:
    """Return a certificate that is not Kafka's."""
    file = folder / "another.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=another"]
    subprocess.run([*command, "-keyout", folder / "key.pem", "-out", file], check=True, capture_output=True)
    return str(file)
