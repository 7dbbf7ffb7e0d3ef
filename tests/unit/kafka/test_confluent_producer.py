"""Why librdkafka's transaction is in an "erroneous state" is what is said of it."""

from collections.abc import Callable
from typing import Any

import pytest

from catenae.errors import BrokerError, BrokerUnavailable
from catenae.message import Record

native = pytest.importorskip("confluent_kafka")
errors = pytest.importorskip("catenae.brokers.kafka.confluent.errors")
producers = pytest.importorskip("catenae.brokers.kafka.confluent.producer")

REFUSED = native.KafkaError.TOPIC_AUTHORIZATION_FAILED
PURGED = native.KafkaError._PURGE_QUEUE
STATE = native.KafkaError._STATE


class Erroneous:
    """A producer whose records are refused, which it says only when it is asked for news."""

    def __init__(self, reasons: list[int]) -> None:
        self._reasons = reasons
        self._told: list[Callable[[Any, Any], None]] = []

    def begin_transaction(self) -> None: ...

    def produce(self, *_: object, on_delivery: Callable[[Any, Any], None], headers: object) -> None:
        self._told.append(on_delivery)

    def poll(self, _timeout_s: float) -> None:
        for tell, reason in zip(self._told, self._reasons, strict=False):
            tell(native.KafkaError(reason), None)
        self._told.clear()

    def send_offsets_to_transaction(self, *_: object) -> None:
        raise native.KafkaException(native.KafkaError(STATE))

    commit_transaction = send_offsets_to_transaction


def producer_of(*reasons: int) -> Any:
    return producers.ConfluentProducer(Erroneous(list(reasons)), errors.LastError())


@pytest.mark.parametrize("ends", [lambda it: it.commit(), lambda it: it.send_positions({}, None)])
def test_an_erroneous_state_is_named_by_what_was_refused_first(ends: Callable[[Any], None]) -> None:
    producer = producer_of(REFUSED, PURGED)
    producer.begin()
    producer.send([Record("t", None, b"1"), Record("t", None, b"2")])

    with pytest.raises(BrokerError, match="Kafka refuses access"):
        ends(producer)


def test_what_an_earlier_transaction_was_refused_for_is_not_said_again() -> None:
    producer = producer_of(REFUSED)
    producer.begin()
    producer.send([Record("t", None, b"1")])
    with pytest.raises(BrokerError, match="Kafka refuses access"):
        producer.commit()
    producer.begin()

    with pytest.raises(BrokerError, match="_STATE") as said:
        producer.commit()
    assert not isinstance(said.value, BrokerUnavailable)
