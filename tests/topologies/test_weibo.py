"""A Weibo collection through the topology: judged post by post, alerts, a search, and forgetting."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catenae import Documents, Message, open_documents
from catenae.testing import drain
from services.depression.model.artefact import load_model, save_model
from services.depression.model.collections import open_collection
from services.forgetting.forget_recorder import PERSONAL
from services.screenings import fields_of
from services.weibo.demo import write_weibo
from services.weibo.reader import WeiboReader
from topologies.weibo import topology

pytestmark = pytest.mark.lengthy


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


@pytest.fixture
def weibo(tmp_path: Path) -> Path:
    write_weibo(tmp_path / "weibo", users=20, posts=300)
    return tmp_path / "weibo"


@pytest.fixture
def model(screening: tuple[Path, Callable[[Sequence[str]], Sequence[float]]], tmp_path: Path) -> Path:
    """Return a model that finds every post worth a look, in whatever language."""
    known = load_model(screening[0])
    save_model(replace(known, bias=known.bias + 50, threshold=0.3), tmp_path / "model")
    return tmp_path / "model"


def run(
    weibo: Path, model: Path, documents: Documents, texts: Sequence[Message] = ()
) -> dict[str, list[Message]]:
    options: dict[str, dict[str, Any]] = {
        node.name: {"model": str(model)} for node in topology.nodes if "model" in node.options
    }
    options["weibo_reader"] = {"path": str(weibo)}
    return drain(topology, {"texts": list(texts)}, options, documents=documents, for_s=5)


def test_every_post_is_judged_stored_and_counted_in_the_picture_of_its_user(
    weibo: Path, model: Path, documents: Documents
) -> None:
    topics = run(weibo, model, documents)

    posts = open_collection(weibo).posts
    assert len(topics["evidence"]) == documents.count("posts") == sum(map(len, posts.values()))
    pictures = documents.find("users", limit=99).documents
    assert {each["user"]: each["posts"] for each in pictures} == {
        user: len(written) for user, written in posts.items()
    }
    assert documents.count("alerts") == len(posts)


def test_of_who_is_forgotten_nothing_is_left_and_all_of_the_others(
    weibo: Path, model: Path, documents: Documents
) -> None:
    who, other = list(open_collection(weibo).truth)[:2]
    documents.upsert("forget_requests", [{"id": who, "status": "requested", "requested_ms": 1}])

    read = [each for each in WeiboReader(weibo).generate(None) if each is not None and not each.rejected]
    (weibo.parent / "none.json").touch()

    run(weibo.parent / "none.json", model, documents, [Message(each.value, each.key) for each in read])

    fields = fields_of(PERSONAL, documents.collections())
    left = {
        user: sum(documents.count(name, {field: user}) for name, field in fields.items())
        for user in (who, other)
    }
    assert left[who] == 0
    assert left[other] > 0
