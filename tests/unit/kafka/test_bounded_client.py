"""No call to Kafka waits without a limit, whatever the client does."""

import inspect
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from catenae.broker import Span
from catenae.brokers.kafka import bounded_client
from catenae.brokers.kafka.bounded_client import BoundedClient
from catenae.brokers.kafka.client import Admin, Joining, Member, Producer, Reader, Replaced
from catenae.errors import BrokerUnavailable
from catenae.message import TopicPartition
from tests.patience import PATIENCE_S

T0 = TopicPartition("t", 0)
MEMBERSHIP = Joining("g", "m", ["t"], lambda _: None, lambda _: None)


class Hanging:
    """A client, and each of its parts, whose calls end when the test does, while it is told to hang."""

    def __init__(self) -> None:
        self.opened = 0
        self.hangs = False
        self.over = threading.Event()

    def _made(self, *_: object) -> Any:
        self.opened += 1
        return self

    admin = reader = producer = member = _made

    def _answer(self, *_: object) -> Any:
        if self.hangs:
            self.over.wait()
        return ["answered"]

    brokers = described = partitions = create = widen = delete = bounds = bound = spans = groups = _answer
    positions = committed = members = _answer
    max_batch_bytes = _answer
    max_message_bytes = 1
    move = forget = read = start = begin = send_positions = abort = flush = seek = pause = resume = _answer
    commit = ping = close = permit = _answer
    group_metadata = property(_answer)

    def send(self, *_: object) -> None: ...
    def fetch(self, *_: object) -> Any:
        return []

    def past_markers(self, *_: object) -> int:
        return 0


@pytest.fixture
def client() -> Iterator[Hanging]:
    made = Hanging()
    yield made
    made.over.set()


@contextmanager
def hanging(client: Hanging) -> Iterator[None]:
    """Have it hang while the block runs; only there are limits short, as busy machines are slow to answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "hangs", True)
        for limit in ("ASK_S", "CLOSE_S", "COMMIT_TIMEOUT_S", "REQUEST_TIMEOUT_S", "GRACE_S"):
            patch.setattr(bounded_client, limit, 0.01)
        yield


def calls_of(part: type) -> list[tuple[str, int]]:
    """Return the methods of a part's contract, each with how many arguments it takes."""
    direct = {"send", "fetch", "past_markers", "close", "group_metadata"}
    methods = inspect.getmembers(part, inspect.isfunction)
    return [
        (name, len(inspect.signature(method).parameters) - 1)
        for name, method in methods
        if not name.startswith("_") and name not in direct
    ]


def made_by(client: BoundedClient, part: type) -> Any:
    makes: dict[type, Callable[[], Any]] = {
        Admin: client.admin,
        Reader: client.reader,
        Producer: lambda: client.producer("id"),
        Member: lambda: client.member(MEMBERSHIP),
    }
    return makes[part]()


@pytest.mark.lengthy
@pytest.mark.parametrize("part", [Admin, Reader, Producer, Member])
def test_no_call_of_the_contract_waits_without_a_limit(client: Hanging, part: type) -> None:
    for name, arguments in calls_of(part):
        made = made_by(BoundedClient(client, lambda: None), part)
        call = partial(getattr(made, name), *([{}] * arguments))
        call()
        with hanging(client), pytest.raises(BrokerUnavailable, match=r"has not answered in 0\.0"):
            call()
        made.close()


def test_what_was_not_answered_is_asked_of_a_new_client(client: Hanging) -> None:
    admin = BoundedClient(client, lambda: None).admin()
    admin.groups()
    with hanging(client), pytest.raises(BrokerUnavailable):
        admin.groups()

    assert admin.groups() == ["answered"]
    assert client.opened == 2


class Busy:
    """An admin, made by itself, that lists no group, and counts brokers until it is told how many."""

    def __init__(self) -> None:
        self.counting, self.counted, self.closed = threading.Event(), threading.Event(), threading.Event()
        self.close = self.closed.set

    def admin(self) -> "Busy":
        return self

    def groups(self) -> list[str]:
        raise BrokerUnavailable("it is away")

    def brokers(self) -> int:
        self.counting.set()
        self.counted.wait()
        return 3


@pytest.mark.lengthy
def test_what_was_not_answered_is_closed_when_no_other_thread_asks_it_any_more() -> None:
    native: Any = Busy()
    admin = BoundedClient(native, lambda: None).admin()
    with ThreadPoolExecutor() as others:
        other = others.submit(admin.brokers)
        native.counting.wait()
        with pytest.raises(BrokerUnavailable):
            admin.groups()
        is_closed_too_soon = native.closed.wait(0.1)
        native.counted.set()

        assert (other.result(), is_closed_too_soon) == (3, False)
    assert native.closed.wait(PATIENCE_S)


def test_a_member_that_was_not_answered_joins_anew_before_it_does_anything_else(client: Hanging) -> None:
    member = BoundedClient(client, lambda: None).member(MEMBERSHIP)
    with hanging(client), pytest.raises(BrokerUnavailable):
        member.ping()

    with pytest.raises(Replaced, match="joins its group anew"):
        member.fetch(1, 0.0)


def test_nothing_is_opened_for_who_is_not_let_in(client: Hanging) -> None:
    def admit() -> None:
        raise BrokerUnavailable("the door is shut")

    with pytest.raises(BrokerUnavailable, match="the door is shut"):
        BoundedClient(client, admit).reader().read(T0, Span(0, 1), 1)
    assert client.opened == 0
