"""Of what is written to a control channel only what our own hand asks counts, in time and once."""

from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.deployment.control_acts import Act, Pause, Request, Resume, Stack
from catenae.deployment.control_log import HEADER, ControlLog, Requests, topics_of
from catenae.deployment.sealing import seal_of
from catenae.errors import UnknownTopic
from catenae.message import Record
from catenae.runtime.seal import SEAL
from catenae.testing import FakeClock

CLOCK = FakeClock()


@pytest.fixture
def broker() -> Iterator[Broker]:
    with closing(open_broker("embedded:", CLOCK)) as opened:
        yield opened


@pytest.fixture
def log(broker: Broker) -> ControlLog:
    log = ControlLog(broker, "shop", CLOCK)
    log.create()
    return log


def request(id: str = "1", late_s: float = 0.0) -> Request:  # noqa: A002  it is called so
    return Request(id, int((CLOCK.now_s() - late_s) * 1000), Pause(60.0), "till")


def found(log: ControlLog) -> list[str]:
    return [each.refusal for each in Requests(log).read()]


def rewritten(broker: Broker, **changed: object) -> None:
    """Write what is on the channel once more, perhaps changed."""
    (record,) = broker.read("shop.control", 0, 0, 9)
    broker.append([record._replace(partition=0, **changed)])  # type: ignore[arg-type]


def test_what_is_asked_is_read_once(log: ControlLog) -> None:
    requests = Requests(log)
    log.ask(request())

    assert [each.request for each in requests.read()] == [request()]
    assert list(requests.read()) == []


def test_nobody_without_the_key_can_ask(broker: Broker, log: ControlLog) -> None:
    value = msgspec.json.encode(request())
    broker.append(
        [
            Record("shop.control", None, value, partition=0),
            Record("shop.control", None, value, {HEADER: b"1"}, partition=0),
            Record("shop.control", None, value, {HEADER: b"1", SEAL: b"x" * 32}, partition=0),
        ]
    )

    assert found(log) == ["not ours"] * 3


@pytest.mark.parametrize("of", ["shop", "catenae"])
def test_no_other_seal_counts(broker: Broker, log: ControlLog, of: str) -> None:
    seal = seal_of(broker, CLOCK, f"{of}.seal")
    record = Record("shop.control", None, msgspec.json.encode(request()), {HEADER: b"1"}, partition=0)
    broker.append([seal.sealed(record)])

    assert found(log) == ["not ours"]


def test_what_was_altered_does_not_count(broker: Broker, log: ControlLog) -> None:
    log.ask(request())
    rewritten(broker, value=msgspec.json.encode(request()).replace(b"60", b"61"))

    assert found(log) == ["", "not ours"]


def test_what_is_written_again_does_not_count(broker: Broker, log: ControlLog) -> None:
    log.ask(request())
    rewritten(broker)

    assert found(log) == ["", "again"]


def test_nor_long_after(broker: Broker, log: ControlLog) -> None:
    log.ask(request())
    CLOCK.sleep(10_000)
    rewritten(broker)

    assert found(log) == ["", "late"]


def test_an_answer_is_no_request(broker: Broker, log: ControlLog) -> None:
    log.ask(request())
    (record,) = broker.read("shop.control", 0, 0, 9)
    broker.append([record._replace(topic="shop.answers", partition=0)])

    (copied,) = broker.read("shop.answers", 0, 0, 9)
    assert log.opened(copied, Request) is None


@pytest.mark.parametrize("late_s", [31.0, -31.0])
def test_what_was_made_at_another_time_than_it_was_written_does_not_count(
    log: ControlLog, late_s: float
) -> None:
    log.ask(request(late_s=late_s))

    assert found(log) == ["late"]


def test_what_a_newer_release_asks_is_told_apart(broker: Broker, log: ControlLog) -> None:
    seal = seal_of(broker, CLOCK, "shop.control-key")
    value = b'{"id":"1","at_ms":1,"act":{"type":"dance"}}'
    broker.append([seal.sealed(Record("shop.control", None, value, {HEADER: b"1"}, partition=0))])

    assert found(log) == ["not ours"]


def test_topics_that_are_made_anew_are_read_from_their_beginning(broker: Broker, log: ControlLog) -> None:
    requests = Requests(log)
    for each in ("1", "2"):
        log.ask(request(each))
    assert len(list(requests.read())) == 2
    broker.delete_topics(topics_of("shop"))
    with pytest.raises(UnknownTopic):
        list(requests.read())
    log.create()
    again = ControlLog(broker, "shop", CLOCK)
    again.ask(Request("3", int(CLOCK.now_s() * 1000), Resume()))

    assert [each.written_ms > 0 for each in requests.read()] == [True]


def test_a_request_and_its_act_keep_their_types(log: ControlLog) -> None:
    acts: list[Act] = [Resume(), Stack()]
    asked = [Request(str(n), int(CLOCK.now_s() * 1000), act) for n, act in enumerate(acts)]
    for each in asked:
        log.ask(each)

    assert [each.request for each in Requests(log).read()] == asked
