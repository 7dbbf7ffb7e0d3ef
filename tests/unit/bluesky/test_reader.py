"""What a Jetstream sends, however odd, and where to go on behind it."""

import json
from typing import Any

import pytest

from catenae import ConfigError, Feed
from services.bluesky.jetstream import Jetstream
from services.bluesky.reader import Place, Reader
from services.reddit.records import OddRow

SERVER = "ws://127.0.0.1:1/subscribe"
NOW_UTC = 1_750_000_000
TIME_US = NOW_UTC * 1_000_000


def reader(place: Place | None = None) -> Reader:
    return Reader(SERVER, ("posts",), place, clock=lambda: NOW_UTC)


def event(**fields: Any) -> bytes:
    return json.dumps({"did": "did:plc:ann", "time_us": TIME_US, **fields}).encode()


def test_an_event_is_placed_by_its_number_else_by_its_time() -> None:
    numbered, timed = reader().new_event(event(cursor=7)), reader().new_event(event(cursor=None))

    assert numbered is not None
    assert timed is not None
    assert (numbered.place, timed.place) == (Place(SERVER, 7, TIME_US), Place(SERVER, TIME_US, TIME_US))


def test_what_was_here_before_a_break_does_not_come_again() -> None:
    events = reader(Place(SERVER, 7, TIME_US))

    assert [events.new_event(event(cursor=number)) is None for number in (6, 7, 8, 8)] == [1, 1, 0, 1]


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 20_000,
        event(facets=0).replace(b"0}", b"[" * 20_000 + b"]" * 20_000 + b"}"),
        b"\xff\xfe",
        b"",
        b"[]",
        b'"did"',
        b"{}",
        event(time_us="now"),
        event(time_us=True),
        event(time_us=None, cursor=3),
        event(cursor="3"),
        event(cursor=-3),
        event(cursor=1.5),
        event(cursor=2**80),
        event(time_us=TIME_US + 3 * 86_400 * 1_000_000),
    ],
)
def test_an_odd_event_is_stepped_over_and_moves_nothing(data: bytes) -> None:
    events = reader(Place(SERVER, 1, TIME_US - 1))
    with pytest.raises(OddRow, match="event"):
        events.new_event(data)

    following = events.new_event(event(cursor=2))
    assert following is not None
    assert following.place.cursor == 2


@pytest.mark.parametrize(
    "server",
    [
        "http://a.example/subscribe",
        "ws://a.example:notaport/subscribe",
        "ws://a.example:99999/subscribe",
        f"ws://{'a' * 70}.example/subscribe",
        "ws:///subscribe",
        "ws://a..example/subscribe",
        "wss://a.example/subscribe#fragment",
        "",
    ],
)
def test_an_address_that_cannot_be_one_is_refused_at_the_start(server: str) -> None:
    with pytest.raises(ConfigError, match="option 'server' of Jetstream is"):
        Jetstream(server)


def test_no_password_of_an_address_is_told() -> None:
    with pytest.raises(ConfigError) as caught:
        Jetstream("wss://ann:secret@a.example:notaport/subscribe")

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["socks5h://ann:secret@127.0.0.1:1", "gopher://ann:secret@127.0.0.1:1"])
def test_a_proxy_that_cannot_be_used_ends_the_reading_in_one_line(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ws_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    with (
        Feed(Reader("ws://a.example/subscribe", (), None).read) as feed,
        pytest.raises(ConfigError, match="cannot go through the proxy") as caught,
    ):
        list(feed.messages(lambda _: None))

    assert "secret" not in str(caught.value)
    assert feed.obstacle
