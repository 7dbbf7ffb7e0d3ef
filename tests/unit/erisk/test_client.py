"""What a team does about a server that is away or refuses; nothing it says holds the token."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from catenae import ConfigError, Documents, open_documents
from catenae.testing import FakeClock, MemoryState, MemoryTimers, message
from services import loopback
from services.erisk.answers import ROUNDS, SHEET, Answers
from services.erisk.client import TOKEN_VARIABLE, Client, NotAnswered
from services.erisk.protocol import Form, group_of, number_of, user_of
from services.erisk.server.application import Trouble, application
from services.erisk.server.challenge import Challenge
from services.erisk.server.rounds import rounds_of
from tests.unit.erisk.test_challenge import POSTS

TOKEN = "secret1"


@pytest.fixture
def team() -> Challenge:
    """Return one that was given the first round."""
    found = Challenge(rounds_of(POSTS, Form.WRITINGS), partial(user_of, form=Form.WRITINGS), 1)
    found.round()
    return found


@pytest.fixture
def address(team: Challenge) -> Iterator[str]:
    """Serve the team while a test runs."""
    app = application({TOKEN: team}, dict.fromkeys(POSTS, False), Form.WRITINGS, Trouble())
    with loopback.serving(app) as address:
        yield f"{address}/task"


@pytest.fixture
def documents() -> Iterator[Documents]:
    """Give documents in memory."""
    with closing(open_documents("sqlite:")) as found:
        yield found


@pytest.fixture
def answers(address: str, documents: Documents, monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Return what answers the team's rounds, within ten seconds."""
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    clock = FakeClock()
    return Answers(MemoryState(), MemoryTimers(clock), documents, clock, address, ("0.6@2",), patience_s=10)


def given() -> Any:
    return message({"number": 0, "users": list(POSTS), "texts": 3, "given_ms": 1}, key=SHEET)


def verdict(user: str, probability: float, posts: int = 2) -> Any:
    picture: Mapping[str, Any] = {"probability": probability, "threshold": 0.5, "posts": posts}
    return message({**picture, "user": user, "round": 0}, key=SHEET)


@pytest.mark.lengthy
def test_a_round_is_answered_once_all_of_it_was_read(
    answers: Answers, team: Challenge, documents: Documents
) -> None:
    answers.consume_many([verdict("ann", 0.7), verdict("bob", 0.5), given()])
    assert documents.get(ROUNDS, "0") is None

    answers.consume_many([verdict("eve", 0.9, posts=1)])

    assert {user: each.positive for user, each in team.decisions(0).items()} == {
        "ann": True,
        "bob": False,
        "eve": False,
    }
    assert team.scores(0) == {"ann": 0.7, "bob": 0.5, "eve": 0.9}
    assert documents.get(ROUNDS, "0") is not None


@pytest.mark.lengthy
def test_who_is_not_read_in_time_is_answered_for_by_what_is_known(answers: Answers, team: Challenge) -> None:
    answers.consume_many([given(), verdict("ann", 0.7)])

    answers.wake(message("", key=SHEET))

    assert team.scores(0) == {"ann": 0.7, "bob": 0.0, "eve": 0.0}
    assert team.decisions(0)["ann"].positive


def test_no_server_no_answer_and_no_word_of_the_token() -> None:
    client = Client("http://127.0.0.1:9/task", TOKEN, Form.WRITINGS, longest_s=1)

    with pytest.raises(NotAnswered) as told:
        client.round()
    assert TOKEN not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.lengthy
def test_a_refusal_is_a_mistake_to_be_corrected(address: str) -> None:
    with pytest.raises(ConfigError, match="status 404") as told:
        Client(address, "another", Form.WRITINGS).round()
    assert "another" not in str(told.value)
    with pytest.raises(ConfigError, match="status 400"):
        Client(address, TOKEN, Form.WRITINGS).submit(0, [])


@pytest.mark.parametrize("server", ["", "ftp://a/b", "http://", "http://me:pass@host/t", "http://[::1/t"])
def test_an_address_that_is_none_is_refused_without_its_words(server: str) -> None:
    with pytest.raises(ConfigError, match="option 'server'") as told:
        Client(server, TOKEN, Form.WRITINGS)
    assert "pass" not in str(told.value)


@pytest.mark.parametrize("run", ["", "1.5", "model@", "0.5@x", "@3", "nan"])
def test_a_run_that_decides_by_nothing_known_is_refused(
    documents: Documents, monkeypatch: pytest.MonkeyPatch, run: str
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    clock = FakeClock()

    with pytest.raises(ConfigError, match="option 'runs'"):
        Answers(MemoryState(), MemoryTimers(clock), documents, clock, "http://a/t", (run,))


def test_a_round_is_known_by_its_group() -> None:
    assert number_of(group_of(17)) == 17
    assert number_of(b"visit 3") is None
