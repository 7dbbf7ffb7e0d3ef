"""What a member owns while a transaction that does not end holds some of its positions."""

from collections.abc import Collection

import pytest

from catenae.brokers.kafka.client import Positions, Unsettled
from catenae.brokers.kafka.ownership import Ownership
from catenae.brokers.kafka.stored import Stored
from catenae.message import TopicPartition
from catenae.testing import FakeClock

A0, A1, B0, B1 = (TopicPartition(topic, number) for topic in "ab" for number in (0, 1))


class Kafka:
    def __init__(self) -> None:
        self.held = {A0}

    def committed(self, partitions: Collection[TopicPartition]) -> Positions:
        held = self.held.intersection(partitions)
        if held:
            raise Unsettled("g", sorted(held))
        return {each: Stored(7) for each in partitions}


@pytest.fixture
def kafka() -> Kafka:
    return Kafka()


@pytest.fixture
def ownership(kafka: Kafka) -> Ownership:
    return Ownership(kafka.committed, FakeClock())


def adopt(ownership: Ownership) -> set[TopicPartition]:
    ownership.adopt(lambda: None, lambda _: None)
    return set(ownership.owned)


def test_the_others_are_owned_and_equal_numbers_stay_together(ownership: Ownership) -> None:
    ownership.take([A0, A1, B0, B1])

    assert adopt(ownership) == {A1, B1}
    assert ownership.held == {A0, B0}


def test_what_is_held_is_owned_once_the_transaction_has_ended(kafka: Kafka, ownership: Ownership) -> None:
    ownership.take([A0, A1])
    adopt(ownership)
    generation = ownership.generation
    ownership.look_again()
    assert (adopt(ownership), ownership.generation) == ({A1}, generation)

    kafka.held.clear()
    ownership.look_again()
    assert adopt(ownership) == {A0, A1}
    assert ownership.generation > generation


def test_a_member_with_nothing_else_to_do_waits_and_says_for_what(ownership: Ownership) -> None:
    ownership.take([A0, B0])

    with pytest.raises(Unsettled, match=r"a\[0\]"):
        adopt(ownership)


def test_what_was_held_and_went_to_another_member_is_not_asked_for(ownership: Ownership) -> None:
    ownership.take([A0, A1])
    adopt(ownership)
    ownership.lose([A0])
    ownership.look_again()

    assert ownership.held == set()
    assert adopt(ownership) == {A1}
