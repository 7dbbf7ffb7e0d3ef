"""What is asked on the control channel is done by whoever is meant, and answered."""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.deployment.control_acts import Act, Answer, Figures, Pause, Request, Resume, Scale
from catenae.deployment.control_log import ControlLog
from catenae.errors import BrokerError, BrokerUnavailable, CatenaeError
from catenae.message import Record
from catenae.running.listener import Listener, Said
from catenae.testing import FakeClock
from tests.patience import until


@dataclass
class Asked:
    """Says yes to everything, and notes it."""

    node: str = "till"
    member: str = "till-0"
    done: list[tuple[str, bool]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    error: Exception | None = None

    def is_meant(self, request: Request) -> bool:
        return request.node in {"", self.node} and request.instance in {"", self.member}

    def carry_out(self, request: Request, *, is_past: bool) -> Said:
        if self.error is not None:
            raise self.error
        self.done.append((request.id, is_past))
        return Said(is_done=True, effect="yes")

    def refused(self, reason: str) -> None:
        self.refusals.append(reason)

    def look(self) -> None: ...


class Channel:
    """A control channel, and one that listens by hand."""

    def __init__(self, broker: Broker, clock: FakeClock) -> None:
        self.clock, self.broker, self.asked = clock, broker, Asked()
        self.log = ControlLog(broker, "shop", clock)
        self.log.create()
        self.failures: list[Exception] = []
        self.listener = Listener(self.log, self.asked, clock, self.failures.append)

    def ask(self, id: str, act: Act = Resume(), node: str = "", instance: str = "") -> None:  # noqa: A002, B008
        self.log.ask(Request(id, int(self.clock.now_s() * 1000), act, node, instance))

    def answers(self) -> list[Answer]:
        found = (self.log.opened(each, Answer) for each in self.log.reader(self.log.answers).read())
        return [each for each in found if each is not None]


@pytest.fixture
def channel() -> Iterator[Channel]:
    clock = FakeClock()
    with closing(open_broker("embedded:", clock)) as broker:
        yield Channel(broker, clock)


def test_who_is_meant_does_it_and_answers(channel: Channel) -> None:
    channel.listener.begin()
    for each in [("1", "", ""), ("2", "till", ""), ("3", "other", ""), ("4", "till", "till-1")]:
        channel.ask(each[0], node=each[1], instance=each[2])
    channel.listener.look()

    assert channel.asked.done == [("1", False), ("2", False)]
    assert channel.answers() == [Answer(each, "till", "till-0", True, "yes") for each in ("1", "2")]


def test_who_is_started_later_takes_over_what_lasts(channel: Channel) -> None:
    channel.ask("1", Pause(60.0))
    channel.ask("2", Figures())
    channel.clock.sleep(31)
    channel.listener.begin()
    channel.listener.look()

    assert channel.asked.done == [("1", True)]
    assert channel.answers() == []


def test_who_is_started_anew_meanwhile_answers_for_who_was_asked(channel: Channel) -> None:
    channel.ask("1", Pause(60.0))
    channel.listener.begin()
    channel.listener.look()

    assert [(each.request, each.instance) for each in channel.answers()] == [("1", "till-0")]


def test_without_begin_it_hears_what_is_asked_from_then_on(channel: Channel) -> None:
    channel.ask("1", Scale(3))
    channel.listener.look()
    channel.ask("2", Scale(4))
    channel.listener.look()

    assert channel.asked.done == [("2", False)]


def test_what_comes_too_late_is_not_done_unless_it_lasts(channel: Channel) -> None:
    channel.listener.begin()
    channel.ask("1", Figures())
    channel.ask("2", Pause(60.0))
    channel.clock.sleep(31)
    channel.listener.look()

    assert channel.asked.done == [("2", False)]
    assert [(each.is_done, each.effect) for each in channel.answers()] == [
        (False, "not done: it came 31 s late"),
        (True, "yes"),
    ]


def test_what_does_not_count_is_counted_and_logged(
    channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    channel.listener.begin()
    channel.broker.append([Record("shop.control", None, b"ophelia", partition=0)])
    with caplog.at_level(logging.WARNING):
        channel.listener.look()

    assert channel.asked.refusals == ["not ours"]
    assert "ophelia" not in str([vars(each) for each in caplog.records])


class Closed(ControlLog):
    """A channel that this process may not read."""

    def __init__(self, broker: Broker, error: CatenaeError) -> None:
        super().__init__(broker, "shop", FakeClock())
        self._error = error

    def create(self) -> None:
        raise self._error


def test_a_channel_that_is_closed_to_it_is_no_reason_not_to_work(caplog: pytest.LogCaptureFixture) -> None:
    with closing(open_broker("embedded:", FakeClock())) as broker, caplog.at_level(logging.WARNING):
        closed = Closed(broker, BrokerError("Kafka refuses access"))
        Listener(closed, Asked(), FakeClock()).begin()

    assert [vars(each)["reason"] for each in caplog.records] == ["Kafka refuses access"]


def test_a_broker_that_is_away_is_waited_for() -> None:
    with closing(open_broker("embedded:", FakeClock())) as broker, pytest.raises(BrokerUnavailable):
        Listener(Closed(broker, BrokerUnavailable("away")), Asked(), FakeClock()).begin()


@pytest.mark.lengthy
def test_what_ends_the_thread_is_handed_on(channel: Channel) -> None:
    channel.listener.begin()
    channel.asked.error = ZeroDivisionError("a mistake of ours")
    channel.ask("1")
    with channel.listener:
        until(lambda: channel.failures)

    assert [type(each) for each in channel.failures] == [ZeroDivisionError]


@pytest.mark.lengthy
def test_whoever_nobody_is_told_for_raises_it(channel: Channel) -> None:
    channel.asked.error = ZeroDivisionError("a mistake of ours")
    listener = Listener(channel.log, channel.asked, channel.clock)
    listener.begin()
    channel.ask("1")
    with listener:
        until(lambda: "control" not in {each.name for each in threading.enumerate()})

    with pytest.raises(ZeroDivisionError):
        listener.check()
