"""A transaction counts as ended only if its partitions know; where that is not certain it ends once more."""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from catenae.brokers.kafka.address import Address
from catenae.brokers.kafka.endings import BelievedEndings, Endings, endings_at
from catenae.errors import BrokerError, BrokerUnavailable
from tests.unit.kafka.coordinator import (
    ADD_OFFSETS,
    ADD_PARTITIONS,
    BEGIN,
    CUT_SHORT,
    DESCRIBE,
    END,
    FIND,
    KILLED,
    Coordinator,
)

EMPTY_TRANSACTION = [BEGIN, ADD_PARTITIONS, ADD_OFFSETS, END]
LOADING, NOT_COORDINATOR, CONCURRENT, NOT_ALLOWED = 14, 16, 51, 29


@contextmanager
def endings_by(coordinator: Coordinator, group: str = "g") -> Iterator[Endings]:
    endings = endings_at(Address(coordinator.address))("g.m", group, lambda: {"t": 2})
    yield endings
    endings.doubt()


def last_end(coordinator: Coordinator) -> bool:
    """Say whether the last transaction was to be committed."""
    return [body for request, body in coordinator.asked if request == END][-1][-1] == 1


def test_nothing_is_ended_where_there_never_was_a_transaction() -> None:
    with Coordinator([""]) as coordinator, endings_by(coordinator) as endings:
        endings.make_certain()

        assert endings.are_certain()
        assert not coordinator.changes


def test_a_coordinator_that_was_there_before_is_believed() -> None:
    states = ["", "PrepareCommit", "PrepareCommit", "CompleteCommit"]
    with Coordinator(states) as coordinator, endings_by(coordinator) as endings:
        endings.make_certain()
        endings.note()

        assert endings.are_certain()
        assert (
            len(coordinator.asked) == 1 + 1 + 3
        )  # where it is, before, and until it had told all partitions
        assert not coordinator.changes


def test_one_that_was_killed_meanwhile_is_not() -> None:
    with Coordinator(["", "CompleteCommit"]) as coordinator, endings_by(coordinator) as endings:
        endings.make_certain()
        coordinator.be_killed()
        endings.note()

        assert not endings.are_certain()


def test_one_that_is_killed_before_it_has_told_all_is_not() -> None:
    states = ["", "PrepareCommit", KILLED, "CompleteCommit"]
    with Coordinator(states) as coordinator, endings_by(coordinator) as endings:
        endings.make_certain()
        endings.note()

        assert not endings.are_certain()


@pytest.mark.parametrize(
    ("state", "is_commit"), [("CompleteCommit", True), ("CompleteAbort", False), ("Empty", False)]
)
def test_what_may_not_have_been_told_ends_again_as_it_did(state: str, is_commit: bool) -> None:
    with Coordinator([state]) as coordinator, endings_by(coordinator) as endings:
        endings.make_certain()

        assert coordinator.changes == EMPTY_TRANSACTION
        assert last_end(coordinator) is is_commit
        assert endings.are_certain()


def test_it_ends_in_every_partition_of_the_topics() -> None:
    with Coordinator(["CompleteCommit"]) as coordinator, endings_by(coordinator) as endings:
        endings.make_certain()

        (added,) = (body for request, body in coordinator.asked if request == ADD_PARTITIONS)
        producer = b"\0\3g.m" + struct.pack(">qh", 7, 3)
        assert added == producer + struct.pack(">ih", 1, 1) + b"t" + struct.pack(">iii", 2, 0, 1)


def test_without_a_group_there_are_no_positions() -> None:
    with Coordinator(["CompleteCommit"]) as coordinator, endings_by(coordinator, group="") as endings:
        endings.make_certain()

        assert coordinator.changes == [BEGIN, ADD_PARTITIONS, END]


def test_one_that_has_not_ended_is_left_to_whoever_begins_anew() -> None:
    with Coordinator(["Ongoing"]) as coordinator, endings_by(coordinator) as endings:
        endings.make_certain()

        assert not coordinator.changes


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("request_", "errors"),
    [(FIND, [LOADING]), (DESCRIBE, [LOADING, NOT_COORDINATOR]), (BEGIN, [CONCURRENT, CONCURRENT])],
)
def test_what_passes_is_asked_again(request_: int, errors: Sequence[int]) -> None:
    passing = Coordinator(["CompleteCommit"], {request_: list(errors)})
    with passing as coordinator, endings_by(coordinator) as endings:
        endings.make_certain()

        assert coordinator.changes[-len(EMPTY_TRANSACTION) :] == EMPTY_TRANSACTION


def test_what_is_not_allowed_is_named() -> None:
    refusing = Coordinator(["CompleteCommit"], {ADD_PARTITIONS: [NOT_ALLOWED]})
    named = pytest.raises(BrokerError, match="catenae acls")
    with refusing as coordinator, endings_by(coordinator) as endings, named:
        endings.make_certain()


def test_an_answer_that_is_cut_short_is_none() -> None:
    with Coordinator(["", CUT_SHORT]) as coordinator, endings_by(coordinator) as endings:
        endings.make_certain()
        endings.note()

        assert not endings.are_certain()
        with pytest.raises(BrokerUnavailable, match="what was begun before"):
            endings.make_certain()


def test_nobody_there_is_an_outage() -> None:
    with Coordinator([""]) as coordinator:
        pass
    with endings_by(coordinator) as endings, pytest.raises(BrokerUnavailable, match="what was begun before"):
        endings.make_certain()


def test_where_only_a_client_gets_in_it_is_believed() -> None:
    properties = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "OAUTHBEARER"}
    endings = endings_at(Address("127.0.0.1:1", properties=properties))("g.m", "g", dict)

    assert isinstance(endings, BelievedEndings)
    assert endings.are_certain()
