"""Which nodes are paused, for whoever shows it."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from catenae.brokers import open_broker
from catenae.deployment.control_acts import Act, Pause, Request, Resume
from catenae.deployment.control_log import ControlLog
from catenae.deployment.pauses import Pauses
from catenae.testing import FakeClock
from topologies.depression import topology

SERVED = [node.name for node in topology.nodes if not node.is_server]


class Asked:
    """A channel, and what it says of pauses."""

    def __init__(self, log: ControlLog, clock: FakeClock) -> None:
        self.log, self.clock = log, clock
        self.pauses = Pauses(topology, log, clock)
        self._number = 0

    def ask(self, act: Act, node: str = "", instance: str = "") -> None:
        self._number += 1
        self.log.ask(Request(str(self._number), int(self.clock.now_s() * 1000), act, node, instance))


@pytest.fixture
def asked() -> Iterator[Asked]:
    clock = FakeClock()
    with closing(open_broker("embedded:", clock)) as broker:
        yield Asked(ControlLog(broker, "depression", clock), clock)


def test_where_nothing_was_ever_asked_none_is_paused(asked: Asked) -> None:
    assert asked.pauses.look() == {}


def test_a_node_is_paused_until_it_is_to_go_on(asked: Asked) -> None:
    asked.log.create()
    asked.ask(Pause(60.0), "user_storer")
    assert asked.pauses.look() == {"user_storer": int(asked.clock.now_s() * 1000) + 60_000}

    asked.ask(Resume(), "user_storer")
    assert asked.pauses.look() == {}


def test_or_until_its_time_is_over(asked: Asked) -> None:
    asked.log.create()
    asked.ask(Pause(60.0), "user_storer")
    asked.clock.sleep(60)

    assert asked.pauses.look() == {}


def test_all_are_all_but_servers(asked: Asked) -> None:
    asked.log.create()
    asked.ask(Pause(60.0))
    assert list(asked.pauses.look()) == SERVED

    asked.ask(Resume(), "user_storer")
    assert set(SERVED) - asked.pauses.look().keys() == {"user_storer"}


def test_what_is_asked_of_one_instance_says_nothing_of_its_node(asked: Asked) -> None:
    asked.log.create()
    asked.ask(Pause(60.0), "user_storer", "user_storer-0")

    assert asked.pauses.look() == {}
