"""A topology driven step by step, through all that may happen to it."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from catenae import Message, Middle, Node, State, Timers, Topology
from catenae.testing import EPOCH_S, TestDriver, Unhandled
from catenae.testing.trouble import Point

POINTS: list[Point] = ["poll", "before commit", "after commit"]
NOW_MS = int(EPOCH_S * 1000)


class Orders(Middle):
    """Counts what is ordered, and says a minute after the last order how much it was."""

    def __init__(self, counts: State[int], timers: Timers) -> None:
        self._counts = counts
        self._timers = timers

    def transform(self, message: Message) -> Iterator[Message]:
        self._counts[message.key] = self._counts.get(message.key, 0) + message.value
        self._timers.set(message.key, "quiet", after_s=60)
        return iter(())

    def wake(self, message: Message[str]) -> Iterator[Message]:
        yield message.derive(self._counts[message.key])


class Pass(Middle):
    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive(message.value)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestDriver]:
    module = ModuleType("driven")
    vars(module).update({"Orders": Orders, "Pass": Pass})
    monkeypatch.setitem(sys.modules, "driven", module)
    nodes = (
        Node("pass", "driven:Pass", "orders", "passed"),
        Node("count", "driven:Orders", "passed", "counts", timers="quiet"),
    )
    with TestDriver(Topology("shop", nodes, partitions=2, external=("orders", "counts"))) as driving:
        yield driving


def test_what_was_sent_shows_in_state_and_timers_and_once_in_what_is_read(driver: TestDriver) -> None:
    driver.send("orders", 2, 3, key="ann")
    assert driver.state("count", "counts") == {"ann": 5}
    assert driver.timers("count") == {("ann", "quiet"): NOW_MS + 60_000}

    driver.advance(59)
    assert driver.read("counts") == []
    driver.advance(1)
    assert [each.value for each in driver.read("counts")] == [5]
    assert (driver.read("counts"), driver.timers("count"), driver.timers("pass")) == ([], {}, {})


@pytest.mark.parametrize("at", [None, *POINTS])
@pytest.mark.parametrize("node", ["pass", "count"])
def test_a_kill_at_any_point_of_a_step_changes_nothing_of_what_counts(
    driver: TestDriver, node: str, at: Point | None
) -> None:
    driver.send("orders", 1, key="ann")
    driver.kill(node, at)
    driver.send("orders", 2, 3, key="ann")
    assert driver.state("count", "counts") == {"ann": 6}

    driver.kill(node, at)
    driver.advance(60)
    assert [each.value for each in driver.read("counts")] == [6]


@pytest.mark.parametrize("at", POINTS)
def test_a_broker_that_does_not_answer_for_a_while_changes_nothing_of_what_counts(
    driver: TestDriver, at: Point
) -> None:
    driver.fail("count", at, times=3)
    driver.send("orders", 1, 2, key="ann")
    driver.restart("count")
    driver.advance(61)  # a little passes while the broker does not answer

    assert [each.value for each in driver.read("counts")] == [3]


def test_a_message_that_cannot_be_handled_fails_the_test_where_it_was_sent(driver: TestDriver) -> None:
    with pytest.raises(Unhandled, match=r"shop\.count could not handle passed"):
        driver.send("orders", "three", key="ann")


def test_the_clock_may_be_set(driver: TestDriver) -> None:
    driver.send("orders", 1, key="ann")
    driver.clock.set(EPOCH_S - 3600)
    driver.advance(60)
    assert driver.read("counts") == []

    driver.clock.set(EPOCH_S + 60)
    driver.advance(0)
    assert [each.value for each in driver.read("counts")] == [1]
