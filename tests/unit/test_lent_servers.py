"""How tests come by real servers, without starting one."""

from contextlib import AbstractContextManager

import pytest

from tests.servers.fixtures import lent
from tests.servers.lending import lend_aerospike, lend_kafka
from tests.servers.unavailable import ServerUnavailable


def lend_nothing() -> AbstractContextManager[str]:
    raise ServerUnavailable("no server here")


def test_the_server_that_the_environment_names_is_lent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATENAE_TEST_KAFKA", "there:9092")
    monkeypatch.setenv("CATENAE_TEST_AEROSPIKE", "aerospike://there:3000/test")

    assert list(lent(lend_kafka)) == ["there:9092"]
    assert list(lent(lend_aerospike)) == ["aerospike://there:3000/test"]


def test_a_missing_server_skips_the_test_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATENAE_REQUIRE_SERVERS", raising=False)

    with pytest.raises(pytest.skip.Exception, match="no server here"):
        next(lent(lend_nothing))


def test_a_missing_server_fails_the_test_where_servers_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATENAE_REQUIRE_SERVERS", "1")

    with pytest.raises(pytest.fail.Exception, match="no server here"):
        next(lent(lend_nothing))
