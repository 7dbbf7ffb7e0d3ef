"""The screening by what single posts say: as an evaluation has it, also after removals and forgetting."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catenae import Message
from catenae.operating.check import check
from catenae.testing import MemoryState, drain
from services.depression.evidence_adder import EvidenceAdder
from services.depression.model.artefact import Model, load_model, save_model
from services.depression.model.certainty import Certainty
from services.depression.model.collection import Post
from services.depression.model.course import Course, course
from services.depression.model.evidence import (
    DECAYED,
    SERIES,
    STRETCH,
    STRONGEST,
    WORDS_AND_STRONGEST,
    EvidenceRules,
)
from services.depression.model.policies import adding_up
from services.depression.model.text import own_words
from services.forgetting.request import request
from services.reddit.records import text_record
from tests.topologies.test_depression_topology import MODEL_NODES, Screening
from topologies.evidence import EVIDENCE, topology

CHOSEN = EvidenceRules(0.1, {STRETCH: 1.5, DECAYED: 1.0, WORDS_AND_STRONGEST: 0.3}, weight=2.0)
RULES = [("stretch", STRETCH), ("decayed", DECAYED), ("strongest", WORDS_AND_STRONGEST)]
Row = Mapping[str, Any]


@pytest.fixture(scope="module")
def model(screening: Screening, tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Path]:
    """Return a model whose training chose rules that add up posts, and its folder."""
    folder = tmp_path_factory.mktemp("evidence") / "model"
    certain = Certainty(prior=20.0, min_posts=2)
    chosen = {"evidence_rules": asdict(CHOSEN)}
    found = replace(load_model(screening[0]), certainty=certain, training=chosen)
    save_model(found, folder)
    return found, folder


def screened(
    texts: Sequence[Row | Message], folder: Path, tmp_path: Path, rule: str = "stretch", **replaced: Any
) -> dict[str, list[Message]]:
    (tmp_path / "empty.jsonl").write_text("\n")
    options: dict[str, dict[str, Any]] = {node: {"model": str(folder)} for node in MODEL_NODES}
    options |= {"evidence_adder": {"model": str(folder), "rule": rule}}
    options |= {"replay": {"path": str(tmp_path / "empty.jsonl")}}
    messages = [text if isinstance(text, Message) else Message(text, text["author"]) for text in texts]
    return drain(replace(topology, **replaced), {"texts": messages}, options)


def courses(model: Model, texts: Sequence[Row]) -> dict[str, Course]:
    posts: defaultdict[str, list[Post]] = defaultdict(list)
    for text in texts:
        record = text_record(text)
        author = record["author"]
        posts[author].append(Post(record["id"], author, record["created_utc"], own_words(record)))
    return {user: course(model, of_user) for user, of_user in posts.items()}


def expected(found: Course, name: str) -> Any:
    series = SERIES[name](found.signs(CHOSEN.middle), CHOSEN.weight)
    return 1 / (1 + np.exp(CHOSEN.thresholds[name] - series))


@pytest.mark.lengthy
def test_the_declaration_agrees_with_the_code() -> None:
    assert check(topology) == []


@pytest.mark.lengthy
@pytest.mark.parametrize(("rule", "name"), RULES)
def test_every_post_gives_what_an_evaluation_does_and_so_do_the_alerts(
    model: tuple[Model, Path],
    invented: Sequence[Row],
    tmp_path: Path,
    rule: str,
    name: str,
) -> None:
    # Three posts a day, so that there are days to add up.
    texts = [{**post, "created_utc": number * 28_800} for number, post in enumerate(invented)]
    topics = screened(texts, model[1], tmp_path, rule)

    said = defaultdict(list)
    for each in topics[EVIDENCE]:
        said[each.value["user"]].append(each.value["probability"])
    opened = {each.value["user"]: each.value.get("opened_after") for each in topics["alerts"]}
    decide = adding_up(name, CHOSEN, model[0].certainty.min_posts)
    found = courses(model[0], texts)
    for user, of_user in found.items():
        assert said[user] == pytest.approx(expected(of_user, name), abs=1e-9)
    decided = {user: decide(each) for user, each in found.items()}
    assert opened == {user: each.posts for user, each in decided.items() if each.positive}
    assert 0 < len(opened) < len(found)


@pytest.mark.lengthy
@pytest.mark.parametrize(("rule", "name"), RULES)
def test_removed_posts_and_who_is_forgotten_leave_nothing(
    model: tuple[Model, Path], invented: Sequence[Row], tmp_path: Path, rule: str, name: str
) -> None:
    texts = [{**post, "created_utc": number * 28_800} for number, post in enumerate(invented)]
    gone = [{**post, "removed": True} for post in texts[::3]]
    left = [post for number, post in enumerate(texts) if number % 3]
    later = [{**texts[0], "id": "t1_later", "author": "user 3", "created_utc": 9}]

    topics = screened([*texts, *gone, request("user 3"), *later], model[1], tmp_path, rule, external=())

    last = {each.value["user"]: each.value for each in topics[EVIDENCE] if "posts" in each.value}
    for user, found in {**courses(model[0], left), **courses(model[0], later)}.items():
        wanted = expected(found, name)[-1]
        assert last[user]["probability"] == pytest.approx(wanted, abs=1e-9)
    assert last["user 3"]["posts"] == 1


@pytest.mark.lengthy
def test_the_strongest_posts_are_named_with_what_each_adds(
    model: tuple[Model, Path], invented: Sequence[Row], tmp_path: Path
) -> None:
    topics = screened(invented, model[1], tmp_path, "strongest")

    last = {each.value["user"]: each.value for each in topics[EVIDENCE]}
    found = courses(model[0], invented)
    for user, said in last.items():
        heights = sorted(found[user].evidence - CHOSEN.middle, reverse=True)[:STRONGEST]
        adds = [added for _, added in said["strongest"]]
        assert adds == pytest.approx([CHOSEN.weight * each / STRONGEST for each in heights if each > 0])
        written = {post["id"] for post in invented if post["author"] == user}
        assert written.issuperset(post_id for post_id, _ in said["strongest"])


def test_what_another_rule_kept_begins_anew(
    model: tuple[Model, Path], invented: Sequence[Row], tmp_path: Path
) -> None:
    again = {**invented[0], "id": "t1_again"}
    first, second = screened([invented[0], again], model[1], tmp_path)["tfidf_changes"]
    kept: MemoryState[dict[str, list[Any]]] = MemoryState()

    assert added(first, kept, model[1], "stretch")["posts"] == 1
    assert added(second, kept, model[1], "strongest")["posts"] == 1
    assert added(first, kept, model[1], "strongest")["posts"] == 2


def added(post: Message, kept: MemoryState[dict[str, list[Any]]], folder: Path, rule: str) -> Any:
    adder = EvidenceAdder(kept, str(folder), rule)
    adder.setup()
    (said,) = adder.transform_many([post])
    adder.teardown()
    return said.value


@pytest.mark.lengthy
def test_a_model_that_chose_no_such_rule_is_said_to(
    screening: Screening, invented: Sequence[Row], tmp_path: Path
) -> None:
    folder = screening[0]
    (tmp_path / "empty.jsonl").write_text("\n")
    options: dict[str, dict[str, Any]] = {
        node: {"model": str(folder)} for node in (*MODEL_NODES, "evidence_adder")
    }
    options |= {"replay": {"path": str(tmp_path / "empty.jsonl")}}

    topics = drain(topology, {"texts": [Message(invented[0], invented[0]["author"])]}, options)

    assert len(topics["tfidf_changes.dead"]) == 1
    assert topics[EVIDENCE] == []
