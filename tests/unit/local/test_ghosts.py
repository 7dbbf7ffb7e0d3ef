"""Instances that have ended and that the broker still counts."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from catenae.broker import Broker, Input, TopicSpec
from catenae.brokers import open_broker
from catenae.errors import BrokerUnavailable
from catenae.running.local.ghosts import LOOK_EVERY_S, Ghosts
from catenae.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def broker(clock: FakeClock) -> Iterator[Broker]:
    """One that counts three members of a group, of whom nobody has said that they left."""
    with closing(open_broker("embedded:", clock, lease_s=3600.0)) as opened:
        opened.create_topics([TopicSpec("texts", 3)])
        for member in ("sum-0", "sum-1", "sum-2"):
            opened.join("sums", member, [Input("texts")])
        yield opened


def look(ghosts: Ghosts, clock: FakeClock, *ended: str) -> None:
    clock.advance(LOOK_EVERY_S)
    ghosts.look({"sums": ended, "others": []})
    ghosts.join()


def test_who_has_ended_and_still_counts_is_made_to_leave_and_it_is_told(
    broker: Broker, clock: FakeClock
) -> None:
    told: list[str] = []
    ghosts = Ghosts(broker, clock, told.append)
    look(ghosts, clock, "sum-2", "sum-1", "sum-7")
    assert list(broker.members("sums")) == ["sum-0"]

    look(ghosts, clock, "sum-2")
    assert told == ["sum-1, sum-2 had ended and still counted as running: made to leave"]


def test_nobody_is_asked_while_none_has_ended(clock: FakeClock) -> None:
    look(Ghosts(NotAsked(), clock, print), clock)  # type: ignore[arg-type]


class NotAsked:
    """A broker of which nothing is to be asked."""


def test_a_broker_that_is_away_is_asked_again(
    broker: Broker, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ghosts = Ghosts(broker, clock, print)
    with monkeypatch.context() as away:
        away.setattr(broker, "members", unavailable)
        look(ghosts, clock, "sum-1")
    look(ghosts, clock, "sum-1")

    assert list(broker.members("sums")) == ["sum-0", "sum-2"]


def unavailable(group: str) -> list[str]:
    raise BrokerUnavailable(f"{group} is not to be had")
