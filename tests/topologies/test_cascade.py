"""The cascade as a topology: who judges which post, whatever is killed, and what is forgotten."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catenae import Documents, open_documents
from catenae.testing import TestDriver
from catenae.testing.trouble import Point
from services.classifiers.cascading import train_cascade
from services.classifiers.classifier import Post
from services.classifiers.kinds import cascades
from services.classifiers.kinds.cascade import CascadeClassifier
from services.classifiers.labelled import LabelledPost, each_once
from services.depression.model.artefact import load_model, save_model
from services.depression.model.text import own_words
from services.forgetting.forget_recorder import PERSONAL
from services.models.folder import read_folder, save_files
from services.reddit.records import text_record
from services.screenings import fields_of
from topologies.cascade import topology
from topologies.opinions import SENTENCES

Screening = tuple[Path, Callable[[Sequence[str]], Sequence[float]]]
Posts = Sequence[Mapping[str, Any]]
WHO = "user 3"
NODES = (f"{SENTENCES}_sieve", f"{SENTENCES}_judge", f"{SENTENCES}_aggregator")

pytestmark = pytest.mark.lengthy


@pytest.fixture(scope="module")
def folder(screening: Screening, invented: Posts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cascade of the screening's model and of one that makes more of every post."""
    place = tmp_path_factory.mktemp("cascade")
    model = load_model(screening[0])
    save_model(replace(model, weights=1.5 * model.weights, bias=model.bias + 1), place / "heavy")
    labelled = each_once(
        LabelledPost(own_words(text_record(post)), int(post["author"].split()[1]) % 3 == 0, post["author"])
        for post in invented
    )
    parts = (read_folder(screening[0]), read_folder(place / "heavy"))
    save_files(train_cascade(labelled, *parts, share=0.3), place / "cascade")
    return place / "cascade"


@contextmanager
def running(screening: Screening, folder: Path, documents: Documents) -> Iterator[TestDriver]:
    models = {node.name: {"model": str(screening[0])} for node in topology.nodes if "model" in node.options}
    (folder.parent / "empty.jsonl").write_text("\n")
    models["replay"] = {"path": str(folder.parent / "empty.jsonl")}
    mine = {f"{SENTENCES}_{node}": {"model": str(folder)} for node in ("sieve", "judge")}
    with TestDriver(topology, {**models, **mine}, documents=documents) as driver:
        yield driver


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


def send(driver: TestDriver, posts: Posts) -> None:
    for post in posts:
        driver.send("texts", post, key=post["author"])


def told(documents: Documents) -> dict[str, float]:
    """Return what is said of each post."""
    found = documents.find(f"{SENTENCES}_probabilities", limit=9999).documents
    return {each["id"]: each["post_probability"] for each in found}


def pictured(documents: Documents) -> dict[str, Any]:
    fields = ("probability", "posts", "first_utc", "last_utc", "last_id", "evidence")
    users = documents.find(f"{SENTENCES}_users", limit=999).documents
    return {each["id"]: {field: each.get(field) for field in fields} for each in users}


def by_whom(cascade: CascadeClassifier, posts: Posts) -> dict[str, float]:
    """Return what should be said of posts: by the heavy part of first ones and doubtful ones."""
    written: Counter[str] = Counter()
    expected = {}
    for post in posts:
        written[post["author"]] += 1
        text = [Post(own_words(text_record(post)))]
        (said,) = cascade.sift(text) if written[post["author"]] > 3 else [None]
        expected[post["id"]] = (said or cascade.weigh(text)[0]).probability
    return expected


def test_the_heavy_part_judges_first_posts_and_those_in_doubt(
    screening: Screening, folder: Path, invented: Posts, documents: Documents
) -> None:
    with running(screening, folder, documents) as driver:
        send(driver, invented)
        driver.advance(5)

    cascade = cascades(1)(read_folder(folder))
    expected = by_whom(cascade, invented)
    texts = [Post(own_words(text_record(post))) for post in invented]
    alone = dict(zip(expected, (each.probability for each in cascade.weigh(texts)), strict=True))
    assert told(documents) == pytest.approx(expected, abs=1e-9)
    # Both parts have judged some.
    assert 45 < sum(expected[each] == pytest.approx(alone[each]) for each in expected) < len(expected)


@pytest.fixture(scope="module")
def calm(screening: Screening, folder: Path, invented: Posts) -> dict[str, Any]:
    """Return what the users come to where nothing happens."""
    with closing(open_documents("sqlite:")) as documents, running(screening, folder, documents) as driver:
        send(driver, invented)
        driver.advance(5)
        return pictured(documents)


@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize(
    "at",
    [
        "before commit",
        pytest.param("poll", marks=pytest.mark.long),
        pytest.param("after commit", marks=pytest.mark.long),
    ],
)
def test_whatever_is_killed_it_ends_as_if_nothing_had_been(  # noqa: PLR0917  fixtures
    screening: Screening,
    folder: Path,
    invented: Posts,
    documents: Documents,
    calm: dict[str, Any],
    node: str,
    at: Point,
) -> None:
    with running(screening, folder, documents) as driver:
        for half in (invented[:100], invented[100:]):
            driver.kill(node, at)
            send(driver, half)
            driver.advance(5)

    assert told(documents) == pytest.approx(by_whom(cascades(1)(read_folder(folder)), invented), abs=1e-9)
    assert pictured(documents) == calm != {}


def test_who_is_forgotten_is_in_no_document_and_the_others_are_as_without_them(
    screening: Screening, folder: Path, invented: Posts, documents: Documents
) -> None:
    with running(screening, folder, documents) as driver:
        send(driver, invented)
        driver.advance(5)
        documents.upsert("forget_requests", [{"id": WHO, "status": "requested", "requested_ms": 1}])
        driver.restart("screening_forget_requests")
        driver.advance(10)
        assert driver.left_of(WHO) == []

    fields = fields_of(PERSONAL, documents.collections())
    assert {name for name, field in fields.items() if documents.count(name, {field: WHO})} == set()
    assert (documents.get("forget_requests", WHO) or {})["status"] == "done"
    others = [post for post in invented if post["author"] != WHO]
    assert told(documents) == pytest.approx(by_whom(cascades(1)(read_folder(folder)), others), abs=1e-9)
