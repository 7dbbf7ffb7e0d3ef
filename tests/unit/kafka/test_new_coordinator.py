"""A group's coordinator that is new, or has moved: asked again, with either client."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from unittest.mock import Mock

import pytest
from confluent_kafka import KafkaError, KafkaException

from catenae.brokers.kafka.client import Admin
from catenae.brokers.kafka.confluent.admin import ConfluentAdmin
from catenae.brokers.kafka.confluent.errors import LastError
from catenae.brokers.kafka.kafka_python.admin import KafkaPythonAdmin


def answered(result: object) -> "Future[Any]":
    future: Future[Any] = Future()
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
    return future


def kafka_python() -> tuple[Admin, Mock]:
    client = Mock()
    client.delete_groups.side_effect = [{"shop": "NotCoordinatorError"}, {"shop": "OK"}]
    return KafkaPythonAdmin(client, Mock()), client.delete_groups


def confluent() -> tuple[Admin, Mock]:
    client = Mock()
    client.list_topics.return_value.topics = {}
    moved = KafkaException(KafkaError(KafkaError.NOT_COORDINATOR))
    client.delete_consumer_groups.side_effect = [{"shop": answered(moved)}, {"shop": answered(None)}]
    return ConfluentAdmin(client, LastError(), Mock()), client.delete_consumer_groups


@pytest.mark.parametrize("make", [kafka_python, confluent])
def test_a_group_is_removed_although_its_coordinator_was_not_there_at_first(
    make: Callable[[], tuple[Admin, Mock]],
) -> None:
    admin, asked = make()

    admin.forget("shop")

    assert asked.call_count == 2
