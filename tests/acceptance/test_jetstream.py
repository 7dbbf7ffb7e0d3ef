"""The Jetstream source against a local server, over real websockets."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from catenae import ConfigError, Message
from services.bluesky.demo.serving import LocalJetstream, serving
from services.bluesky.demo.timeline import Timeline, address_of, did_of, is_english
from services.bluesky.events import COLLECTION
from services.bluesky.jetstream import Jetstream
from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import Community, Item, Plan, generate

pytestmark = pytest.mark.acceptance

PLAN = Plan(users=30, items=600, prolific=0, opens_utc=1_750_000_000, live=300, live_per_s=1.0)
LONGEST_S = 10.0


@pytest.fixture(scope="module")
def community() -> Community:
    return generate(PLAN)


@pytest.fixture
def calendar() -> Calendar:
    return Calendar(PLAN.opens_utc, speed=0)


@pytest.fixture(params=[True, False], ids=["numbered", "by time"])
def timeline(community: Community, calendar: Calendar, request: pytest.FixtureRequest) -> Timeline:
    return Timeline(community, calendar.now_utc, numbered=request.param)


@pytest.fixture
def server(timeline: Timeline) -> Iterator[LocalJetstream]:
    with serving(timeline) as server:
        yield server


@contextmanager
def watching(address: str, position: Any = None) -> Iterator[Iterator[Message | None]]:
    """Generate behind a position while the block runs."""
    stream: Any = Jetstream(address).generate(position)
    yield stream
    stream.close()


def taken(stream: Iterator[Message | None], count: int) -> list[Message]:
    """Return the next messages; fail if they do not come, or if the stream says nothing for long."""
    found: list[Message] = []
    until_s = time.monotonic() + LONGEST_S
    while len(found) < count:
        before_s = time.monotonic()
        message = next(stream)
        assert time.monotonic() - before_s < 1.5
        assert time.monotonic() < until_s, f"{len(found)} of {count} messages came"
        if message is not None:
            found.append(message)
    return found


def written(community: Community, calendar: Calendar) -> list[Item]:
    """Return the English posts since the opening."""
    return [
        item
        for item in community.items
        if PLAN.opens_utc < item.created_utc <= calendar.now_utc() and is_english(item)
    ]


def names(messages: list[Message]) -> list[Any]:
    return [message.value["id"] for message in messages]


def connected(server: LocalJetstream, stream: Iterator[Message | None]) -> None:
    """Wait until a stream is connected, so that it sees what happens from now on."""
    until_s = time.monotonic() + LONGEST_S
    while not server.connected and time.monotonic() < until_s:
        next(stream)


def test_every_new_post_in_english_comes_once(
    community: Community, calendar: Calendar, server: LocalJetstream
) -> None:
    with watching(server.address) as stream:
        connected(server, stream)
        calendar.advance(100)
        expected = written(community, calendar)

        found = taken(stream, len(expected))

    assert names(found) == [address_of(item) for item in expected]
    assert [message.key for message in found] == [did_of(item.author) for item in expected]
    assert server.asked == [{"wantedCollections": ["app.bsky.feed.post"]}]


def test_every_position_goes_on_exactly_behind_its_message(
    community: Community, calendar: Calendar, server: LocalJetstream
) -> None:
    with watching(server.address) as stream:
        connected(server, stream)
        calendar.advance(20)
        everything = taken(stream, len(written(community, calendar)))

    for number, message in enumerate(everything[:-1], start=1):
        with watching(server.address, message.position) as again:
            assert names(taken(again, len(everything) - number)) == names(everything[number:])


def test_a_connection_that_breaks_costs_nothing_and_repeats_nothing(
    community: Community, calendar: Calendar, server: LocalJetstream
) -> None:
    found: list[Message] = []
    with watching(server.address) as stream:
        connected(server, stream)
        for _ in range(3):
            before = len(written(community, calendar))
            calendar.advance(30)
            found += taken(stream, len(written(community, calendar)) - before)
            server.cut()

    assert names(found) == [address_of(item) for item in written(community, calendar)]


def test_another_server_goes_on_at_the_time_reached(community: Community, calendar: Calendar) -> None:
    calendar.advance(50)
    timelines = [Timeline(community, calendar.now_utc, numbered=numbered) for numbered in (True, False)]
    with serving(timelines[0]) as first, serving(timelines[1]) as second:
        beginning = [first.address, 1, 1]
        with watching(first.address, beginning) as stream:
            found = taken(stream, 100)
        with watching(second.address, found[-1].position) as stream:
            found += taken(stream, 100)

    expected = [item for item in community.items if is_english(item)][: len(found)]
    assert names(found) == [address_of(item) for item in expected]


def test_deletions_come_in_their_place(
    community: Community, calendar: Calendar, timeline: Timeline, server: LocalJetstream
) -> None:
    item = next(item for item in community.items if is_english(item))
    with watching(server.address) as stream:
        connected(server, stream)
        timeline.delete(item)
        timeline.end_account(item.author)
        calendar.advance(0.001)
        post, account = taken(stream, 2)

    author = did_of(item.author)
    assert post.value == {"author": author, "id": address_of(item), "deleted": True}
    assert account.value == {"author": author, "deleted": True}
    assert post.key == account.key == author


def test_a_server_that_is_away_is_waited_for_without_holding_anything_up() -> None:
    with watching("ws://127.0.0.1:9/subscribe") as stream:
        before_s = time.monotonic()

        assert [next(stream) for _ in range(3)] == [None] * 3
        assert time.monotonic() - before_s < 3


def test_it_says_what_stands_in_the_way_and_when_that_is_over(timeline: Timeline) -> None:
    with serving(timeline) as server:
        source = Jetstream(server.address)
        stream: Any = source.generate(None)
        connected(server, stream)
        next(stream)
        assert source.obstacle() == ""
    until_s = time.monotonic() + LONGEST_S
    while not source.obstacle() and time.monotonic() < until_s:
        next(stream)
    assert source.obstacle() == "connection lost"
    stream.close()


def posts_of(sent: list[bytes], address: str) -> list[Message]:
    """Return what becomes of events that a server of a handful sends, up to the last."""
    with watching(address) as stream:
        return taken(stream, len(sent))


@contextmanager
def sending(sent: list[bytes]) -> Iterator[str]:
    """Send events to whoever connects, whatever is asked for, while the block runs."""

    def handle(connection: ServerConnection) -> None:
        for each in sent:
            connection.send(each.decode())
        for _ in connection:
            pass

    with serve(handle, "127.0.0.1", 0, max_size=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe"
        server.shutdown()


def post(number: int, **record: Any) -> bytes:
    """Return an event of a post."""
    record = {"text": f"post {number}", "langs": ["en"], "createdAt": "2025-06-15T15:06:00Z"} | record
    commit = {"operation": "create", "collection": COLLECTION, "rkey": f"k{number}", "record": record}
    event = {"did": "did:plc:ann", "time_us": 10**15 + number, "kind": "commit", "commit": commit}
    return json.dumps(event).encode()


@pytest.mark.parametrize(
    "odd",
    [
        post(2).replace(b'"langs"', b'"facets": ' + b"[" * 20_000 + b"]" * 20_000 + b', "langs"'),
        post(2).replace(b'"did:plc:ann"', b"null"),
        post(2).replace(str(10**15 + 2).encode(), b'"now"'),
    ],
)
def test_an_odd_event_is_set_aside_and_the_next_comes(odd: bytes) -> None:
    with sending([post(1), odd, post(3)]) as address:
        found = posts_of([post(1), odd, post(3)], address)

    assert [bool(message.rejected) for message in found] == [False, True, False]
    assert found[1].value == odd


def test_an_event_of_several_megabytes_stops_nothing() -> None:
    sent = [post(1), post(2, embed={"alt": "x" * 3 * 2**20}), post(3)]
    with sending(sent) as address:
        found = posts_of(sent, address)

    assert [message.value["body"] for message in found] == ["post 1", "post 2", "post 3"]


def test_an_event_that_is_too_large_is_asked_to_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.bluesky.reader.LARGEST_EVENT_BYTES", 2000)
    asked: list[str] = []

    def handle(connection: ServerConnection) -> None:
        asked.append(connection.request.path if connection.request else "")
        for each in [post(1), post(2, embed={"alt": "x" * 3000}), post(3)]:
            if len(each) < 2000 or "maxMessageSizeBytes=2000" not in asked[-1]:
                connection.send(each.decode())
        for _ in connection:
            pass

    with serve(handle, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = posts_of([post(1), post(3)], f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe")
        server.shutdown()

    assert [message.value["body"] for message in found] == ["post 1", "post 3"]
    assert f"cursor={10**15 + 1}" in asked[-1]


def test_an_address_that_is_no_websocket_is_named() -> None:
    with pytest.raises(ConfigError, match=r"'server' of Jetstream is 'https://bsky\.app'"):
        Jetstream("https://bsky.app")
