"""Two classifiers of the same posts, side by side: each with its own alerts, both forgetting alike."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catenae import Documents, Message, open_documents
from catenae.testing import drain
from services.classifiers.classifier import Post
from services.classifiers.kinds import load_classifier
from services.depression.model.artefact import load_model, save_model
from services.depression.model.text import own_words
from services.forgetting.forget_recorder import PERSONAL
from services.reddit.records import text_record
from services.screenings import fields_of
from topologies.opinions import SENTENCES, topology

Screening = tuple[Path, Callable[[Sequence[str]], Sequence[float]]]
Posts = Sequence[Mapping[str, Any]]
WHO = "user 3"

pytestmark = pytest.mark.lengthy


@pytest.fixture
def second(screening: Screening, tmp_path: Path) -> Path:
    """Return a model that finds far more posts worth a look than the first one does."""
    model = load_model(screening[0])
    save_model(replace(model, bias=model.bias + 2, threshold=0.3), tmp_path / "second")
    return tmp_path / "second"


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


def judged(posts: Posts, first: Path, second: Path, documents: Documents) -> dict[str, list[Message]]:
    replayed = second.parent / "empty.jsonl"
    replayed.write_text("\n")
    models = {node.name: {"model": str(first)} for node in topology.nodes if "model" in node.options}
    options = {**models, f"{SENTENCES}_classifier": {"model": str(second)}, "replay": {"path": str(replayed)}}
    messages = [Message(each, each["author"]) for each in posts]
    return drain(topology, {"texts": messages}, options, documents=documents, for_s=5)


def kept(documents: Documents, user: str) -> set[str]:
    fields = fields_of(PERSONAL, documents.collections())
    return {name for name, field in fields.items() if documents.count(name, {field: user})}


def test_each_classifier_says_its_own_of_every_post(
    screening: Screening, second: Path, invented: Posts, documents: Documents
) -> None:
    topics = judged(invented, screening[0], second, documents)

    classifier = load_classifier(second)
    said = classifier.classify([Post(own_words(text_record(post))) for post in invented])
    expected = {post["id"]: each.probability for post, each in zip(invented, said, strict=True)}
    found = {each.value["post_id"]: each.value["probability"] for each in topics[f"{SENTENCES}_evidence"]}
    assert found == pytest.approx(expected, abs=1e-12)
    assert {each.value["model"] for each in topics["alerts"]} == {load_model(screening[0]).version}


def test_each_has_alerts_of_its_own(
    screening: Screening, second: Path, invented: Posts, documents: Documents
) -> None:
    judged(invented, screening[0], second, documents)

    alerts, others = (documents.find(name, limit=99).documents for name in ("alerts", f"{SENTENCES}_alerts"))
    assert {each["model"] for each in alerts} == {load_model(screening[0]).version}
    assert {each["model"] for each in others} == {load_model(second).version}
    assert len(others) > len(alerts) > 0


def test_a_user_who_is_forgotten_is_forgotten_by_both(
    screening: Screening, second: Path, invented: Posts, documents: Documents
) -> None:
    documents.upsert("forget_requests", [{"id": WHO, "status": "requested", "requested_ms": 1}])

    judged(invented, screening[0], second, documents)

    assert kept(documents, WHO) == set()
    assert {"users", f"{SENTENCES}_users", f"{SENTENCES}_probabilities"} <= kept(documents, "user 6")
    assert (documents.get("forget_requests", WHO) or {})["status"] == "done"


def test_posts_that_are_taken_away_leave_the_second_opinion_as_if_they_had_never_been(
    screening: Screening, second: Path, invented: Posts, documents: Documents
) -> None:
    gone = [post for number, post in enumerate(invented) if number % 3 == 0]
    left = [post for number, post in enumerate(invented) if number % 3]
    judged([*invented, *({**post, "removed": True} for post in gone)], screening[0], second, documents)

    with closing(open_documents("sqlite:")) as never:
        judged(left, screening[0], second, never)
        found, expected = (pictured(some) for some in (documents, never))

    assert {user: each for user, each in found.items() if each["posts"]} == expected


def pictured(documents: Documents) -> dict[str, dict[str, Any]]:
    """Return what the posts of each user make of them, and not which of them came last."""
    fields = ("probability", "posts", "first_utc", "last_utc", "last_id")
    users = documents.find(f"{SENTENCES}_users", limit=999).documents
    return {each["id"]: {field: each[field] for field in fields} for each in users}
