"""Searches by topic: begun and steered as the topology reads them; what it writes is shown, nobody named."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.api import topics as topics_module
from services.api.collaborators import Collaborators
from services.topics.tally import Facts, bucket, tally
from services.topics.wanted import topic_of
from services.topics.words import counted_words
from tests.services.api.people import HOSTILE, topic, topic_post

TOPICS = "/api/v1/topics"
NEW: dict[str, Any] = {"query": "tea", "sources": ["held", "reddit"]}
FOUND = [
    topic_post("x", 1),
    topic_post("x", 2, label="no_signs", place="GB", country="GB", source="reddit", hashtags=[]),
    topic_post("x", 3, label="not_sure", place="", country="", language=""),
    topic_post("x", 4, label="no_signs"),
]


def facts(post: dict[str, Any]) -> Facts:
    return Facts(
        post["label"],
        post["created_utc"],
        post["place"],
        post["language"],
        post["source"],
        counted_words(post["body"]),
        post["hashtags"],
    )


@pytest.fixture
def stored(here: Collaborators) -> Collaborators:
    """A search as the topology leaves it."""
    here.documents.upsert("topics", [topic("x"), topic("y", created_ms=2)])
    here.documents.upsert("topic_posts", [*FOUND, topic_post("y", 1)])
    parts: dict[str, list[list[Any]]] = {}
    for dimension, counts in tally(map(facts, FOUND)).items():
        for value, of_value in counts.items():
            parts.setdefault(bucket(dimension, value), []).append([value, *of_value])
    rows = [{"id": f"x {part}", "topic": "x", "part": part, "rows": each} for part, each in parts.items()]
    here.documents.upsert("topic_counts", rows)
    return here


def asked(client: TestClient, path: str, **query: Any) -> Any:
    answer = client.get(f"{TOPICS}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_search_that_is_begun_is_one_to_the_topology(reviewer: TestClient, here: Collaborators) -> None:
    begun = reviewer.post(TOPICS, json={**NEW, "places": ["Madrid, Spain", "GB"], "languages": ["es"]}).json()

    document = here.documents.get("topics", begun["id"])
    assert document is not None
    found = topic_of(document)
    assert found is not None
    assert (found.query, found.places, found.will, found.run) == ("tea", ["ES/Madrid", "GB"], "run", 1)
    assert begun["state"] == "waiting"


@pytest.mark.parametrize(
    "odd",
    [
        {"query": "!?"},
        {"query": " ".join(f"w{number}" for number in range(40))},
        {"places": ["the moon"]},
        {"from_utc": 20, "until_utc": 10},
        {"sources": []},
        {"most": 0},
    ],
)
def test_a_search_that_can_find_nothing_is_refused(
    reviewer: TestClient, here: Collaborators, odd: dict[str, Any]
) -> None:
    assert reviewer.post(TOPICS, json={**NEW, **odd}).status_code == 422
    assert here.documents.count("topics") == 0


@pytest.mark.parametrize(
    ("change", "will", "run", "is_watch"),
    [
        ({"act": "stop"}, "stop", 1, False),
        ({"act": "go on"}, "run", 1, False),
        ({"act": "anew"}, "run", 2, False),
        ({"is_watch": True}, "run", 1, True),
    ],
)
def test_a_search_is_steered(
    reviewer: TestClient,
    stored: Collaborators,
    change: dict[str, Any],
    will: str,
    run: int,
    is_watch: bool,
) -> None:
    assert reviewer.put(f"{TOPICS}/x", json=change).status_code == 200

    found = stored.documents.get("topics", "x")
    assert found is not None
    assert (found["will"], found["run"], found["is_watch"]) == (will, run, is_watch)


def test_a_search_that_is_to_be_forgotten_is_shown_no_more(
    curator: TestClient, stored: Collaborators
) -> None:
    assert curator.delete(f"{TOPICS}/x").status_code == 202

    assert [each["id"] for each in asked(curator, "")["topics"]] == ["y"]
    assert curator.get(f"{TOPICS}/x").status_code == 404


def test_how_far_a_search_is_comes_from_its_progress(reviewer: TestClient, stored: Collaborators) -> None:
    part = {"place": None, "found": 4, "is_done": True, "problem": ""}
    told = {"id": "x", "run": 1, "state": "done", "found": 4, "sources": {"held": part}, "changed_ms": 5}
    stored.documents.upsert("topic_progress", [told])

    found = asked(reviewer, "/x")

    assert (found["state"], found["found"], found["judged"]) == ("done", 4, 4)
    assert found["sources"] == [{"name": "held", "found": 4, "is_done": True, "problem": ""}]


def test_counts_are_those_of_the_topology(reviewer: TestClient, stored: Collaborators) -> None:
    counts = asked(reviewer, "/x/counts")

    assert counts["labels"] == {"signs": 1, "no_signs": 2, "not_sure": 1}
    assert counts["posts"] == 4
    assert counts["share"]["value"] == 0.25
    assert 0.04 < counts["share"]["low"] < 0.06
    assert 0.69 < counts["share"]["high"] < 0.70
    assert [each["at_utc"] for each in counts["moments"]] == [3600, 7200, 10800, 14400]
    assert {each["value"] for each in counts["places"]} == {"ES/Madrid", "GB", ""}
    assert counts["hashtags"][0]["value"] == "cup"


@pytest.mark.parametrize(
    ("wish", "numbers"),
    [
        ({"place": "ES"}, [4, 1]),
        ({"place": "ES/Madrid", "label": "signs"}, [1]),
        ({"place": ""}, [3]),
        ({"language": ""}, [3]),
        ({"source": "reddit"}, [2]),
        ({"from_utc": 7200, "until_utc": 10801}, [3, 2]),
        ({"word": "Tea"}, [4, 3, 2, 1]),
        ({"word": "number2"}, []),
        ({"hashtag": "cup"}, [4, 3, 1]),
        ({"label": "no_signs"}, [4, 2]),
    ],
)
def test_every_mark_of_a_chart_filters_the_list_and_what_is_counted(
    reviewer: TestClient, stored: Collaborators, wish: dict[str, Any], numbers: list[int]
) -> None:
    posts = asked(reviewer, "/x/posts", **wish)["items"]
    counts = asked(reviewer, "/x/counts", **{name: each for name, each in wish.items() if name != "label"})

    assert [each["created_utc"] // 3600 for each in posts] == numbers
    if "label" not in wish:
        assert counts["posts"] == len(numbers)


def test_counts_of_all_posts_one_by_one_equal_those_of_the_topology(
    reviewer: TestClient, stored: Collaborators
) -> None:
    assert asked(reviewer, "/x/counts", from_utc=0) == asked(reviewer, "/x/counts")


def test_counts_of_more_than_is_read_say_so(
    reviewer: TestClient, stored: Collaborators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics_module, "MOST_COUNTED", 2)

    counts = asked(reviewer, "/x/counts", from_utc=0)

    assert (counts["posts"], counts["is_whole"]) == (2, False)


def test_nobody_is_named_and_what_is_written_comes_back_as_it_was(
    reviewer: TestClient, here: Collaborators
) -> None:
    here.documents.upsert("topics", [topic("x")])
    here.documents.upsert("topic_posts", [topic_post("x", 1, author="ann", body=HOSTILE.replace("\x00", ""))])

    answer = reviewer.get(f"{TOPICS}/x/posts")

    assert answer.json()["items"][0]["body"] == HOSTILE.replace("\x00", "")
    assert answer.json()["items"][0]["author"] == here.pseudonyms.of_name("ann")
    assert '"ann"' not in answer.text
    assert not re.search(r"\bt1_1\b", answer.text)


def test_an_odd_post_costs_the_others_nothing(reviewer: TestClient, stored: Collaborators) -> None:
    stored.documents.upsert("topic_posts", [{"id": "x odd", "topic": "x", "probability": 2, "label": "?"}])

    answer = asked(reviewer, "/x/posts")

    assert (len(answer["items"]), answer["left_out"]) == (4, 1)
    assert len(asked(reviewer, "/x/posts", place="ES")["items"]) == 2
