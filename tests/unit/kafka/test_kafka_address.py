"""What the URL and the environment say about Kafka."""

import pytest

from catenae.broker import Replication
from catenae.brokers import open_broker
from catenae.brokers.kafka.address import Address
from catenae.errors import ConfigError


def test_hosts_without_a_port_get_kafkas() -> None:
    assert Address.parse("//one,two:9093", {}).servers == "one:9092,two:9093"


def test_properties_come_from_the_url_and_the_environment_and_the_url_counts() -> None:
    environment = {"CATENAE_KAFKA_SASL_PASSWORD": "x", "CATENAE_KAFKA_SASL_USERNAME": "ann", "OTHER": "1"}
    address = Address.parse("//one?client=confluent&sasl.username=bob", environment)

    assert address.client == "confluent"
    assert address.properties == {"sasl.password": "x", "sasl.username": "bob"}


def test_credentials_are_in_no_repr() -> None:
    assert "secret" not in repr(Address.parse("//one?sasl.password=secret", {}))


@pytest.mark.parametrize(
    "address", ["one:9092", "//", "//one,,two", "//one?loose", "//ann:secret@one", "//a\x01b:1"]
)
def test_an_address_that_cannot_be_used_is_refused_without_telling_secrets(address: str) -> None:
    with pytest.raises(ConfigError, match="the Kafka URL") as refused:
        Address.parse(address, {})
    assert "secret" not in str(refused.value)


def test_replication_is_kept_from_the_client() -> None:
    address = Address.parse("//one?replication.factor=3&min.insync.replicas=2&acks=all", {})

    assert address.replication == Replication(3, 2)
    assert address.properties == {"acks": "all"}


@pytest.mark.parametrize("number", ["0", "-1", "three", ""])
def test_a_number_of_replicas_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(ConfigError, match=r"replication\.factor takes a whole number"):
        Address.parse(f"//one?replication.factor={number}", {})


def test_more_in_sync_than_there_are_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"min\.insync\.replicas is 3, of 2 replicas .* such as 1"):
        Address.parse("//one?replication.factor=2&min.insync.replicas=3", {})


def test_what_the_url_says_of_replication_counts_before_what_the_topology_does() -> None:
    declared = Replication(factor=3, least_in_sync=2)

    assert Replication(factor=5).or_else(declared) == Replication(5, 2)
    assert Replication().or_else(declared) == declared


@pytest.mark.parametrize(("client", "package"), [("confluent", "confluent_kafka"), ("kafka-python", "kafka")])
def test_a_file_that_is_missing_is_named_whichever_the_client(client: str, package: str) -> None:
    pytest.importorskip(package, reason=f"the client {client} is not installed")
    address = f"kafka://127.0.0.1:1?client={client}&security.protocol=SSL&ssl.ca.location=missing.pem"

    with pytest.raises(ConfigError, match=r"ssl.ca.location names 'missing.pem', where no file is"):
        open_broker(address)
