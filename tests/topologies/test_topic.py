"""Searches by topic: what is found counts once, whatever is killed, found twice, taken away or forgotten."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest

from catenae import Documents, open_documents
from catenae.testing import TestDriver
from catenae.testing.trouble import Point
from services.topics.erased import take_out
from services.topics.tally import LABELS
from tests.topologies.topic_counts import counted, found, recounted
from topologies.topic import topology

pytestmark = pytest.mark.lengthy

Screening = tuple[Path, Callable[[Sequence[str]], Sequence[float]]]
Posts = Sequence[Mapping[str, Any]]

TOPIC = {"id": "t1", "query": "bas", "sources": ["held"], "will": "run", "created_ms": 0}


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


@pytest.fixture
def driver(screening: Screening, documents: Documents) -> Iterator[TestDriver]:
    with TestDriver(topology, options(screening), documents=documents) as driven:
        yield driven


def options(screening: Screening, **searches: Any) -> dict[str, dict[str, Any]]:
    return {"topic_judge": {"model": str(screening[0])}, "topic_searches": {"recheck_s": 1e9, **searches}}


def holding(posts: Posts, word: str) -> set[str]:
    return {each["id"] for each in posts if word in f"{each.get('title', '')} {each['body']}".split()}


def test_a_search_finds_judges_and_counts_what_is_held(
    driver: TestDriver, documents: Documents, invented: Posts
) -> None:
    documents.upsert("posts", invented)
    documents.upsert("topics", [TOPIC])

    driver.advance(5)

    assert {each["post_id"] for each in found(documents)} == holding(invented, "bas") != set()
    assert {each["label"] for each in found(documents)} <= set(LABELS)
    assert counted(documents) == recounted(found(documents))
    progress = documents.get("topic_progress", "t1")
    assert progress is not None
    assert (progress["state"], progress["found"]) == ("done", len(found(documents)))


@pytest.mark.parametrize("node", ["topic_searches", "topic_judge", "topic_keeper", "topic_counter"])
@pytest.mark.parametrize("at", get_args(Point))
def test_a_search_counts_exactly_whatever_is_killed(
    driver: TestDriver, documents: Documents, invented: Posts, node: str, at: Point
) -> None:
    documents.upsert("posts", invented)
    documents.upsert("topics", [TOPIC, {**TOPIC, "id": "t2", "query": "ces"}])
    driver.kill(node, at)
    driver.advance(2)
    driver.kill(node, at)

    driver.advance(5)

    assert {each["post_id"] for each in found(documents)} == holding(invented, "bas")
    assert counted(documents) == recounted(found(documents))
    assert counted(documents, "t2") == recounted(found(documents, "t2"))


def test_a_search_ends_at_the_number_that_was_asked_for(
    driver: TestDriver, documents: Documents, invented: Posts
) -> None:
    documents.upsert("posts", invented)
    documents.upsert("topics", [{**TOPIC, "most": 2}])

    driver.advance(5)

    newest = sorted(holding(invented, "bas"), key=lambda each: -int(each.partition("_")[2]))
    assert {each["post_id"] for each in found(documents)} == set(newest[:2])


def test_a_watch_counts_what_is_new_and_no_other_search_does(
    driver: TestDriver, documents: Documents, invented: Posts
) -> None:
    documents.upsert("topics", [{**TOPIC, "is_watch": True}, {**TOPIC, "id": "t2"}])
    driver.advance(5)

    driver.send("texts", {**invented[0], "body": "bas"}, key=invented[0]["author"])
    driver.advance(5)

    assert [each["post_id"] for each in found(documents)] == [invented[0]["id"]]
    assert found(documents, "t2") == []


def test_what_is_taken_away_leaves_the_counts_as_if_it_had_never_been(
    driver: TestDriver, documents: Documents, invented: Posts
) -> None:
    documents.upsert("posts", invented)
    documents.upsert("topics", [TOPIC])
    driver.advance(5)
    gone = next(each for each in invented if each["id"] in holding(invented, "bas"))

    driver.send("texts", {**gone, "removed": True}, key=gone["author"])
    driver.advance(5)

    assert {each["post_id"] for each in found(documents)} == holding(invented, "bas") - {gone["id"]}
    assert counted(documents) == recounted(found(documents))


def test_a_user_who_is_forgotten_is_in_no_search(
    driver: TestDriver, documents: Documents, invented: Posts
) -> None:
    documents.upsert("posts", invented)
    documents.upsert("topics", [TOPIC])
    driver.advance(5)
    user = found(documents)[0]["author"]

    documents.upsert("forget_requests", [{"id": user, "status": "requested", "requested_ms": 1}])
    # It looks at them by the clock of the machine, and when it starts.
    driver.restart("screening_forget_requests")
    driver.advance(10)

    assert user not in {each["author"] for each in found(documents)}
    assert counted(documents) == recounted(found(documents))
    done = documents.get("forget_requests", user)
    assert done is not None
    assert done["status"] == "done"


@pytest.mark.parametrize("at", get_args(Point))
def test_what_was_erased_while_nothing_ran_is_taken_out_of_counts_once(
    driver: TestDriver, documents: Documents, invented: Posts, at: Point
) -> None:
    documents.upsert("posts", invented)
    documents.upsert("topics", [TOPIC, {**TOPIC, "id": "t2", "query": "ces"}])
    driver.advance(5)
    user = found(documents)[0]["author"]
    take_out([user], documents, now_ms=1)
    # Broken off, and done again.
    take_out([user], documents, now_ms=2)
    noted = documents.find("topic_erased", limit=999).documents
    theirs = documents.find("topic_posts", {"author": user}, limit=999).documents
    documents.delete("topic_posts", [each["id"] for each in theirs])
    assert counted(documents) != recounted(found(documents))

    driver.kill("topic_counter", at)
    driver.restart("topic_erasures")
    driver.advance(5)
    # As if it had been killed after it had passed them on.
    documents.upsert("topic_erased", noted)
    driver.restart("topic_erasures")
    driver.advance(5)

    assert counted(documents) == recounted(found(documents))
    assert counted(documents, "t2") == recounted(found(documents, "t2"))
    assert documents.count("topic_erased") == 0


def test_a_search_that_is_stopped_rests_and_finds_what_came_meanwhile_once_it_is_taken_up(
    driver: TestDriver, documents: Documents, invented: Posts
) -> None:
    documents.upsert("topics", [{**TOPIC, "is_watch": True}])
    driver.advance(2)
    documents.merge("topics", [{"id": "t1", "will": "stop"}])
    driver.advance(2)
    driver.send("texts", {**invented[0], "body": "bas"}, key=invented[0]["author"])
    driver.advance(2)
    assert found(documents) == []

    documents.merge("topics", [{"id": "t1", "will": "run"}])
    driver.advance(2)
    driver.send("texts", {**invented[1], "body": "bas"}, key=invented[1]["author"])

    assert {each["post_id"] for each in found(documents)} == {invented[0]["id"], invented[1]["id"]}


def test_a_search_that_is_to_be_forgotten_is_gone_with_all_it_found(
    driver: TestDriver, documents: Documents, invented: Posts
) -> None:
    documents.upsert("posts", invented)
    documents.upsert("topics", [TOPIC, {**TOPIC, "id": "t2"}])
    driver.advance(5)

    documents.merge("topics", [{"id": "t1", "will": "forget"}])
    driver.advance(5)

    left = {name for name in documents.collections() if documents.count(name, {"topic": "t1"})}
    assert left == set()
    assert documents.get("topics", "t1") is None
    assert documents.get("topic_progress", "t1") is None
    assert counted(documents, "t2") == recounted(found(documents, "t2"))
    assert not any(key[1].startswith("t1 ") for key in driver.state("topic_keeper", "posts"))


def test_what_is_no_longer_held_is_forgotten_when_it_is_looked_for(
    screening: Screening, documents: Documents, invented: Posts
) -> None:
    documents.upsert("posts", invented)
    documents.upsert("topics", [TOPIC])
    with TestDriver(topology, options(screening, recheck_s=0.0), documents=documents) as driver:
        driver.advance(5)
        gone = found(documents)[0]["post_id"]

        documents.delete("posts", [gone])
        driver.advance(5)

    assert {each["post_id"] for each in found(documents)} == holding(invented, "bas") - {gone}
    assert counted(documents) == recounted(found(documents))
