"""What `drain` makes of messages that a node could not handle."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from catenae import CatenaeError, Message, Middle, Node, Topology, TransientError
from catenae.testing import Unhandled, drain


class Halve(Middle):
    def __init__(self, failures: int = 0) -> None:
        self.failures = failures

    def transform(self, message: Message) -> Iterator[Message]:
        if self.failures:
            self.failures -= 1
            raise TransientError("busy")
        yield message.reject("odd") if message.value % 2 else message.derive(message.value // 2)


@pytest.fixture(autouse=True)
def topology(monkeypatch: pytest.MonkeyPatch) -> Topology:
    arithmetic = ModuleType("arithmetic")
    vars(arithmetic)["Halve"] = Halve
    monkeypatch.setitem(sys.modules, "arithmetic", arithmetic)
    halve = Node("halve", "arithmetic:Halve", reads="numbers", writes="halves")
    return Topology("numbers", nodes=(halve,), external=("numbers", "halves"))


def test_a_bug_of_a_handler_fails_the_test_and_shows_where(topology: Topology) -> None:
    with pytest.raises(
        Unhandled, match=r"(?s)numbers\.halve could not handle numbers.*TypeError.*in transform"
    ):
        drain(topology, {"numbers": [4, "four"]})


def test_a_bug_that_is_expected_is_a_dead_letter(topology: Topology) -> None:
    written = drain(topology, {"numbers": [4, "four"]}, expect_errors=True)

    assert [each.value for each in written["numbers.dead"]] == ["four"]


def test_what_a_handler_rejects_is_no_error(topology: Topology) -> None:
    written = drain(topology, {"numbers": [4, 5]})

    assert [[each.value for each in written[topic]] for topic in ("halves", "numbers.dead")] == [[2], [5]]


def test_the_pauses_after_a_transient_error_pass_by_themselves(topology: Topology) -> None:
    written = drain(topology, {"numbers": [4, 6]}, {"halve": {"failures": 4}})

    assert sorted(each.value for each in written["halves"]) == [2, 3]


@pytest.mark.lengthy
def test_what_fails_for_ever_ends_the_test(topology: Topology) -> None:
    with pytest.raises(CatenaeError, match="TransientError for ever"):
        drain(topology, {"numbers": [Message(4, "a"), Message(6, "b")]}, {"halve": {"failures": 10**9}})
