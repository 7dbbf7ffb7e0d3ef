"""A team that answers the shared task's rounds by the screening, over HTTP, whatever is killed meanwhile."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from catenae import Documents, open_documents
from catenae.operating.check import check
from catenae.testing import TestDriver
from catenae.testing.trouble import Point
from services import loopback
from services.depression.model.artefact import load_model, save_model
from services.depression.model.certainty import Certainty
from services.depression.model.collection import Post
from services.depression.model.course import Course, course
from services.depression.model.policies import POST_BY_POST, policies
from services.depression.model.scores import Decision
from services.depression.model.text import own_words
from services.erisk.client import TOKEN_VARIABLE
from services.erisk.protocol import Form, user_of
from services.erisk.server.application import Trouble, application
from services.erisk.server.challenge import Challenge
from services.erisk.server.command import TASK
from services.erisk.server.rounds import Round, rounds_of
from services.reddit.records import TextRecord, text_record
from tests.topologies.test_depression_topology import MODEL_NODES, Screening
from topologies.erisk import topology

RUNS = ("model", "0.6@4")
TOKEN = "a1"

Texts = Mapping[str, Sequence[TextRecord]]


@pytest.fixture(scope="module")
def texts(invented: Sequence[Mapping[str, Any]]) -> Texts:
    """Return the first 8 texts of each user, of which six at a time are one thread."""
    found: defaultdict[str, list[TextRecord]] = defaultdict(list)
    for number, post in enumerate(invented):
        record = text_record({**post, "link_id": f"t3_{number // 24 * 24}"})
        if len(found[record["author"]]) < 8:
            found[record["author"]].append(record)
    return dict(found)


class Watched(Challenge):
    """Keeps the different answers to each round of each run; does something once in each round.

    at_round, at_submit  are called when a round is given first, and when the last run answers it first
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.answers: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
        self.at_round: Callable[[], None] = lambda: None
        self.at_submit: Callable[[], None] = lambda: None
        self._given = -1

    def round(self) -> Round:
        found = super().round()
        number = found[0]["number"] if found else self._given + 1
        if number != self._given:
            self._given = number
            self.at_round()
        return found

    def submit(self, run: int, answers: object) -> None:
        super().submit(run, answers)
        if run == len(RUNS) - 1 and not self.answers[self._given, run]:
            self.at_submit()
        self.answers[self._given, run].add(json.dumps(answers, sort_keys=True))


# A round is cut into several commits, so that one is found half passed on.
SMALL_BATCHES = replace(
    topology,
    nodes=[replace(node, batch_records=4) if node.name == "rounds" else node for node in topology.nodes],
)


@pytest.fixture(scope="module")
def model(screening: Screening, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model that notices texts that count twice: without a prior it makes no difference."""
    folder = tmp_path_factory.mktemp("erisk") / "model"
    save_model(replace(load_model(screening[0]), certainty=Certainty(prior=50.0, min_posts=2)), folder)
    return folder


@contextmanager
def round_trip(
    texts: Texts, model: Path, form: Form = Form.WRITINGS, trouble: Trouble | None = None
) -> Iterator[tuple[Watched, TestDriver, Documents]]:
    """Give a team, its topology that has not begun, and what it will store of the rounds."""
    with closing(Watched(rounds_of(texts, form), partial(user_of, form=form), len(RUNS))) as team:
        app = application({TOKEN: team}, dict.fromkeys(texts, False), form, trouble or Trouble())
        with loopback.serving(app) as address, closing(open_documents("sqlite:")) as documents:
            server = {"server": f"{address}/{TASK}"}
            options: dict[str, dict[str, Any]] = {node: {"model": str(model)} for node in MODEL_NODES}
            options |= {"rounds": {**server, "form": form.value}, "answers": {**server, "runs": RUNS}}
            with TestDriver(SMALL_BATCHES, options, documents=documents) as driver:
                yield team, driver, documents


def courses(model: Path, texts: Texts) -> dict[str, Course]:
    loaded = load_model(model)
    posts = {
        user: [Post(each["id"], user, each["created_utc"], own_words(each)) for each in of_user]
        for user, of_user in texts.items()
    }
    return {user: course(loaded, of_user) for user, of_user in posts.items()}


def expected(model: Path, texts: Texts) -> dict[str, Decision]:
    rules = {rule.name: rule for rule in policies(load_model(model), random.Random(0))}
    return {user: rules[POST_BY_POST].decide(each) for user, each in courses(model, texts).items()}


def said_last(model: Path, texts: Texts) -> dict[str, float]:
    return {user: float(each.probability[-1]) for user, each in courses(model, texts).items()}


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)


def test_the_declaration_agrees_with_the_code() -> None:
    assert check(topology) == []


@pytest.mark.lengthy
def test_what_is_answered_is_what_an_evaluation_decides(model: Path, texts: Texts) -> None:
    with round_trip(texts, model) as (team, driver, _):
        driver.advance(600)

        assert team.is_over
        assert team.decisions(0) == expected(model, texts)
        assert team.scores(0) == pytest.approx(said_last(model, texts), abs=1e-9)
        assert team.decisions(1) != team.decisions(0)


@pytest.mark.lengthy
def test_of_whole_threads_the_users_own_texts_are_screened(model: Path, texts: Texts) -> None:
    with round_trip(texts, model, Form.DISCUSSIONS) as (team, driver, _):
        driver.advance(600)

        assert team.is_over
        assert team.scores(0) == pytest.approx(said_last(model, texts), abs=1e-9)


@pytest.mark.lengthy
@pytest.mark.parametrize("at", ["before commit", "after commit"])
@pytest.mark.parametrize(("node", "when"), [("rounds", "at_round"), ("answers", "at_submit")])
def test_who_is_killed_goes_on_and_gives_no_answer_to_another_round(
    model: Path, texts: Texts, node: str, when: str, at: Point
) -> None:
    with round_trip(texts, model) as (team, driver, _):
        setattr(team, when, lambda: driver.kill(node, at))
        driver.advance(600)

        assert team.is_over
        assert team.decisions(0) == expected(model, texts)
        assert team.scores(0) == pytest.approx(said_last(model, texts), abs=1e-9)
        assert [len(answers) for answers in team.answers.values()] == [1] * 8 * len(RUNS)


@pytest.mark.lengthy
def test_a_server_that_gives_no_answer_is_asked_again(model: Path, texts: Texts) -> None:
    few = {user: of_user[:3] for user, of_user in texts.items()}
    with round_trip(few, model, trouble=Trouble(failing=0.3)) as (team, driver, _):
        driver.advance(600)

        assert team.is_over
        assert team.decisions(0) == expected(model, few)


@pytest.mark.lengthy
def test_the_time_of_each_round_is_stored(model: Path, texts: Texts) -> None:
    with round_trip(texts, model) as (_, driver, documents):
        driver.advance(600)

        found = documents.find("erisk_rounds").documents
        assert sorted(int(each["id"]) for each in found) == list(range(8))
        assert all(each["answered_ms"] >= each["given_ms"] > 0 for each in found)
        assert found[0]["users"] == found[0]["texts"] == len(texts)
