"""A transaction begins once the one before it has ended everywhere."""

from contextlib import suppress
from typing import Any

import pytest

from catenae.brokers.kafka.transaction import ExactlyOnce
from catenae.errors import BrokerUnavailable
from catenae.message import Record

RECORDS = [Record("t", None, b"1")]


class Kafka:
    """A producer and its endings, which write down what is done with them.

    is_told  whether it is certain how the last transaction has ended
    """

    def __init__(self) -> None:
        self.done: list[str] = []
        self.is_told = True
        self.fails = ""

    def __getattr__(self, name: str) -> Any:
        def done(*_: object) -> None:
            self.done.append(name)
            if name == self.fails:
                raise BrokerUnavailable(name)

        return done

    def are_certain(self) -> bool:
        return self.is_told


@pytest.fixture
def kafka() -> Kafka:
    return Kafka()


@pytest.fixture
def writer(kafka: Kafka) -> ExactlyOnce:
    made = ExactlyOnce(lambda: kafka, kafka)
    made.start()
    kafka.done.clear()
    return made


def test_a_producer_starts_once_what_was_before_has_ended(kafka: Kafka) -> None:
    ExactlyOnce(lambda: kafka, kafka).start()

    assert kafka.done == ["make_certain", "start", "note"]


def test_each_end_is_noted(kafka: Kafka, writer: ExactlyOnce) -> None:
    writer.write(RECORDS, {})
    writer.stage(RECORDS)
    writer.forget()

    assert kafka.done == ["begin", "send", "commit", "note", "begin", "send", "abort", "note"]


def test_in_doubt_a_new_producer_begins_where_all_has_ended(kafka: Kafka, writer: ExactlyOnce) -> None:
    kafka.is_told = False
    writer.write(RECORDS, {})

    assert kafka.done == ["close", "make_certain", "start", "note", "begin", "send", "commit", "note"]


def test_a_transaction_that_has_begun_goes_on(kafka: Kafka, writer: ExactlyOnce) -> None:
    writer.stage(RECORDS)
    kafka.is_told = False
    writer.write(RECORDS, {})

    assert kafka.done == ["begin", "send", "send", "commit", "note"]


@pytest.mark.parametrize("fails", ["commit", "abort"])
def test_after_an_end_that_failed_nothing_is_certain(kafka: Kafka, writer: ExactlyOnce, fails: str) -> None:
    kafka.fails = fails
    with suppress(BrokerUnavailable):
        writer.stage(RECORDS)
        writer.forget() if fails == "abort" else writer.write([], {})
    kafka.fails = ""
    writer.start()

    assert kafka.done[-4:] == ["close", "make_certain", "start", "note"]
