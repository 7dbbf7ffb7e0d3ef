import pytest

from catenae.errors import ConfigError
from catenae.host import is_host_with_port
from catenae.stores import open_documents, open_store

FIT = [
    "kafka",
    "kafka-1.example.:9092",
    "a_b:1",
    "10.0.0.1:65535",
    "[::1]:9092",
    "[fe80::1%eth0]",
    "bücher.example",
]
UNFIT = [
    "",
    "a\x01b",
    "a b:1",
    "a%20b",
    "a:0",
    "a:99999",
    "a:b",
    "a..b",
    ".",
    "x" * 300,
    "\u202ea",
    "[a]:1",
    "::1",
    "a/b",
]


@pytest.mark.parametrize("text", FIT)
def test_it_can_be_asked_for(text: str) -> None:
    assert is_host_with_port(text)


@pytest.mark.parametrize("text", UNFIT)
def test_nothing_is_asked_for_that_can_be_no_machine(text: str) -> None:
    assert not is_host_with_port(text)


@pytest.mark.parametrize("host", ["a\x01b", "a b", "a..b", "x" * 300, "\u202ea"])
def test_a_server_that_can_be_none_is_a_mistake_in_the_url_and_not_away(host: str) -> None:
    with pytest.raises(ConfigError):
        open_store(f"aerospike://{host}:3000/screening")
    with pytest.raises(ConfigError):
        open_documents(f"mongodb://{host}:27017/screening")
