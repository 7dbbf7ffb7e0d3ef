"""The control channel with real processes: what is asked is so, whoever is killed, and nothing is lost."""

import os
import random
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.clock import SystemClock
from catenae.deployment.control import Answers, Control
from catenae.deployment.control_acts import Act, Figures, Pause, Pin, Resume, Scale, Stack
from catenae.operating.draining import drain
from tests.acceptance.command import Command
from tests.acceptance.scale_topology import topology
from tests.acceptance.test_autoscale import assert_each_was_counted_once_and_in_order, handled, instances
from tests.patience import PATIENCE_S, until

pytestmark = pytest.mark.acceptance

TOPOLOGY = "tests/acceptance/scale_topology.py"
ROUNDS = int(os.environ.get("CATENAE_CONTROL_ROUNDS", "3"))
CLOCK = SystemClock()


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path, "up", TOPOLOGY, "--until-drained")
    until(lambda: handled(tmp_path) > 0)
    yield command
    command.kill()


@pytest.fixture
def broker(tmp_path: Path, up: Command) -> Iterator[Broker]:
    with closing(open_broker(f"embedded:{tmp_path / 'log'}")) as opened:
        yield opened


def ask(broker: Broker, act: Act, node: str = "") -> Answers:
    return Control(topology, broker, CLOCK).ask(act, node, within_s=PATIENCE_S)


def past(broker: Broker, group: str) -> int:
    return sum(each.offset for each in broker.positions(f"steps.{group}").values())


def written(broker: Broker) -> int:
    return sum(span.end for span in broker.spans("numbers"))


def handled_by(broker: Broker, node: str) -> object:
    """Return what it says itself: on Kafka a position also moves past the ends of transactions."""
    return ask(broker, Figures(), node).given[0].figures["messages_in"]


def stays(broker: Broker, node: str) -> bool:
    """Say whether a node handles nothing while some more comes for it."""
    before, written_before = handled_by(broker, node), written(broker)
    until(lambda: written(broker) > written_before + 20)
    return handled_by(broker, node) == before


def test_a_paused_node_stands_still_also_when_it_is_killed_and_started_anew(
    tmp_path: Path, up: Command, broker: Broker
) -> None:
    until(lambda: ask(broker, Pause(600.0), "slow").given[0].figures["standing"])
    assert stays(broker, "slow")
    former = up.instance("slow")
    up.signal("slow", signal.SIGKILL)
    until(lambda: up.instance("slow") not in {None, former})
    until(lambda: ask(broker, Pause(600.0), "slow").is_done)
    assert stays(broker, "slow")
    assert instances(tmp_path) == 0
    assert up.probe("/ready") is False

    before = past(broker, "slow")
    assert ask(broker, Resume()).is_done
    until(lambda: past(broker, "slow") > before)
    (tmp_path / "end").touch()
    until(lambda: up.ended() == 0)
    assert_each_was_counted_once_and_in_order(tmp_path)


def test_whatever_is_asked_and_whoever_is_killed_each_is_counted_once(
    tmp_path: Path, up: Command, broker: Broker
) -> None:
    chance = random.Random(7)
    for _ in range(ROUNDS):
        assert ask(broker, Scale(chance.randint(1, 3)), "slow").is_done
        Control(topology, broker, CLOCK).ask(Pause(600.0), chance.choice(["slow", "steps"]))
        up.signal("slow", signal.SIGKILL)
        Control(topology, broker, CLOCK).ask(Resume())
        before = past(broker, "slow")
        until(lambda before=before: past(broker, "slow") > before)  # type: ignore[misc]
    (said,) = ask(broker, Pin(), "slow").given
    assert said.is_done
    assert said.instance.startswith("up@")
    until(lambda: "steps-0" in {each.instance for each in ask(broker, Stack()).given})
    (tmp_path / "end").touch()

    until(lambda: up.ended() == 0)
    assert_each_was_counted_once_and_in_order(tmp_path)


def test_drained_all_stands_still_with_nothing_on_its_way(up: Command, broker: Broker) -> None:
    answers = drain(topology, Control(topology, broker, CLOCK), broker, CLOCK, 600.0, PATIENCE_S)

    assert answers is not None
    assert {each.instance for each in answers.given} == {"steps-0", "slow-0"}
    assert past(broker, "slow") == written(broker)
    assert up.stop() == 0
