"""When that happened of which a message tells: said once, it travels."""

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae import Input, Message, Middle, Node, Topology
from catenae.errors import TopologyError
from catenae.message import EVENT_MS, LATEST_EVENT_MS
from catenae.runtime.event_time import EventField
from catenae.testing import drain, message
from catenae.value_type import Misfit

THEN_MS = 1_600_000_000_123


class PassOn(Middle):
    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive(message.event_ms)


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> str:
    module = ModuleType("passing")
    vars(module)["PassOn"] = PassOn
    monkeypatch.setitem(sys.modules, "passing", module)
    return "passing:PassOn"


def topology(service: str, reads: Input) -> Topology:
    first, second = Node("first", service, reads=reads, writes="on"), Node("second", service, "on", "out")
    return Topology("passing", nodes=(first, second), external=("clicks", "out"))


def test_event_time_that_a_source_says_travels_over_every_node(passing: str) -> None:
    written = drain(topology(passing, Input("clicks")), {"clicks": [Message("click", "ann").at(THEN_MS)]})

    assert [each.value for each in written["out"]] == [THEN_MS]
    assert [each.event_ms for each in written["out"]] == [THEN_MS]


@pytest.mark.parametrize(
    ("reads", "value"),
    [
        (Input("clicks", event_ms="at"), {"at": THEN_MS}),
        (Input("clicks", event_s="at"), {"at": THEN_MS / 1000}),
        (Input("clicks", event_ms="at"), {"at": "2020-09-13T14:26:40.123+02:00"}),
        (Input("clicks", event_s="at"), {"at": "2020-09-13T12:26:40.123Z"}),
    ],
)
def test_event_time_that_a_field_says_travels_over_every_node(passing: str, reads: Input, value: Any) -> None:
    written = drain(topology(passing, reads), {"clicks": [Message(value, "ann")]})

    assert [each.event_ms for each in written["out"]] == [THEN_MS]


@pytest.mark.parametrize("at", [None, "yesterday", True, [], float("inf"), 10**30])
def test_a_value_without_event_time_is_set_aside_by_field_and_a_tombstone_is_not(
    passing: str, at: Any
) -> None:
    values = [Message({"at": at}, "ann"), Message({"at": THEN_MS}, "ann"), Message(None, "ann")]

    written = drain(topology(passing, Input("clicks", event_ms="at")), {"clicks": values})

    assert [each.headers["dead-reason"] for each in written["clicks.dead"]] == [
        b"value has no event time: $.at"
    ]
    assert written["out"][0].value == THEN_MS
    assert len(written["out"]) == 2


def test_a_message_of_which_nobody_has_said_when_happened_when_it_was_written() -> None:
    plain = message("click")

    assert plain.event_ms == plain.timestamp_ms
    assert plain.at(THEN_MS).derive("seen").event_ms == THEN_MS


@pytest.mark.parametrize("said", [b"soon", b"", b"%d" % (LATEST_EVENT_MS + 1), b"9" * 5000])
def test_a_header_that_is_no_time_says_nothing(said: bytes) -> None:
    given = message("click", headers={EVENT_MS: said})

    assert given.event_ms == given.timestamp_ms


# Offsets of whole minutes, as ISO 8601 has them: Python reads those of less than a second as none.
OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(timezones=OFFSETS))
def test_a_date_and_time_is_the_moment_that_it_names(at: datetime) -> None:
    field = EventField("at", unit_ms=1000)

    for said in (at, at.isoformat()):
        assert abs(field.event_ms({"at": said}) - at.timestamp() * 1000) <= 0.5


@pytest.mark.lengthy
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
def test_whatever_a_field_holds_is_a_time_or_a_misfit(said: Any) -> None:
    try:
        found = EventField("at", unit_ms=1).event_ms({"at": said})
    except Misfit:
        return
    assert isinstance(found, int)


def test_a_field_is_of_one_unit() -> None:
    with pytest.raises(TopologyError, match="say one of them"):
        Node("count", "shop:Count", reads=Input("clicks", event_ms="at", event_s="at"))
