"""Whoever may write to `texts`, or even to a topic of our own, changes nobody but by what the type allows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catenae import FORGET, Documents, Message, open_documents
from catenae.testing import drain
from tests.topologies.pictures import ALERT, OUTSIDER, PICTURE
from topologies.depression import SCREENING, topology

Screening = tuple[Path, Callable[[Sequence[str]], Sequence[float]]]
Attack = Callable[..., dict[str, list[Message]]]
VICTIM, OTHER = "user 3", OUTSIDER
OF_VICTIM: Mapping[str, Any] = {**ALERT, "id": VICTIM, "user": VICTIM, "band": "very high"}


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


@pytest.fixture
def attack(
    screening: Screening, invented: Sequence[dict[str, Any]], documents: Documents, tmp_path: Path
) -> Attack:
    """Return what screens the invented posts, and behind them what an attacker writes to some topics."""
    (tmp_path / "empty.jsonl").write_text("\n")
    options: dict[str, Any] = {
        node.name: {"model": str(screening[0])} for node in SCREENING if "model" in node.options
    }
    options["replay"] = {"path": str(tmp_path / "empty.jsonl")}
    posts = [Message(post, post["author"]) for post in invented[:60]]

    def written(**topics: Sequence[Message]) -> dict[str, list[Message]]:
        inputs = {**topics, "texts": [*posts, *topics.get("texts", ())]}
        return drain(topology, inputs, options, documents=documents, for_s=5, expect_errors=True)

    return written


def everything(documents: Documents) -> dict[str, dict[str, Any]]:
    """Return all documents of people, without when they were stored."""
    return {
        name: {
            each["id"]: {field: value for field, value in each.items() if field != "changed_ms"}
            for each in documents.find(name, limit=1000).documents
        }
        for name in ("posts", "probabilities", "users", "alerts", "forget_requests")
    }


def reasons(topics: Mapping[str, list[Message]], topic: str) -> list[str]:
    return [each.headers["dead-reason"].decode() for each in topics[f"{topic}.dead"]]


def of_victim(posts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return next(post for post in posts if post["author"] == VICTIM)


@pytest.mark.lengthy
@pytest.mark.parametrize("headers", [{}, {FORGET: b""}, {FORGET: b"", "seal": b"s" * 32}])
def test_a_text_that_asks_to_forget_erases_nobody(
    attack: Attack, documents: Documents, headers: dict[str, bytes]
) -> None:
    attack()
    before = everything(documents)
    asked = {"user": VICTIM, "author": VICTIM, "forget": True}

    topics = attack(texts=[Message(asked, VICTIM, headers=headers)])

    assert everything(documents) == before
    assert reasons(topics, "texts") == ["no id", "OddRow"]


@pytest.mark.lengthy
def test_an_id_stays_its_authors(
    attack: Attack, documents: Documents, invented: Sequence[dict[str, Any]]
) -> None:
    attack()
    before = everything(documents)
    stolen = {**of_victim(invented), "author": OTHER}

    attack(texts=[Message(stolen, OTHER), Message({**stolen, "removed": True}, OTHER)])

    after = everything(documents)
    assert (after["posts"], after["probabilities"]) == (before["posts"], before["probabilities"])


@pytest.mark.lengthy
def test_what_experts_say_is_out_of_reach(attack: Attack, documents: Documents) -> None:
    documents.upsert("alerts", [{**OF_VICTIM, "label": "risk", "reviewed_by": "ann", "reviewed_ms": 1}])
    claims = {"label": "no_risk", "hidden": True, "reviewed_by": "bob", "reviewed_ms": 5, "removed": True}

    topics = attack(alerts=[Message({"id": VICTIM, "user": VICTIM, **claims}, VICTIM)])
    attack(alerts=[Message({**OF_VICTIM, **claims}, VICTIM), Message({**OF_VICTIM, "user": OTHER}, OTHER)])

    kept = documents.get("alerts", VICTIM) or {}
    assert {name: kept.get(name) for name in claims} == {
        "label": "risk",
        "hidden": None,
        "reviewed_by": "ann",
        "reviewed_ms": 1,
        "removed": None,
    }
    assert reasons(topics, "alerts") == [
        "value does not fit Alert: $: object missing required field opened_utc"
    ]


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"created_utc": "abc"}, "$.created_utc: expected int, got str"),
        ({"posts": "nine"}, "$.posts: expected int, got str"),
        ({"probability": float("nan")}, "$.probability: expected float >= 0.0"),
        ({"probability": 7.0}, "$.probability: expected float <= 1.0"),
        ({"created_utc": 10**18}, "$.created_utc: expected int <= 32503679999"),
        ({"user": ["a"]}, "$.user: expected str, got array"),
    ],
)
def test_an_odd_picture_is_set_aside_by_its_field_before_it_is_stored(
    attack: Attack, documents: Documents, odd: dict[str, Any], reason: str
) -> None:
    topics = attack(user_probabilities=[Message({**PICTURE, **odd}, OTHER)])

    assert reasons(topics, "user_probabilities") == [f"value does not fit UserProbability: {reason}"] * 2
    assert OTHER not in {*everything(documents)["users"], *everything(documents)["alerts"]}


@pytest.mark.lengthy
@pytest.mark.parametrize(
    "headers",
    [
        {"only-group": b"depression.text_vectoriser"},
        {"only-group": b"depression.post_storer"},
        {"erased": b""},
        {"only-group": b"depression.text_vectoriser", "seal": b"0" * 32, "first-id": b"texts[0]@1"},
    ],
)
def test_what_counts_is_seen_and_what_is_seen_counts(
    attack: Attack, documents: Documents, headers: dict[str, bytes]
) -> None:
    post = {"id": "t1_hidden", "author": OTHER, "created_utc": 5, "kind": "comment", "body": "i i i"}

    attack(texts=[Message(post, OTHER, headers=headers)])

    stored = everything(documents)
    assert "t1_hidden" in stored["posts"]
    assert "t1_hidden" in stored["probabilities"]


@pytest.mark.lengthy
@pytest.mark.parametrize(
    "row",
    [
        {"id": "raw", "author": OTHER, "created_utc": "5", "body": "i am"},
        {
            "id": "t3_raw",
            "author": OTHER,
            "created_utc": 5.5,
            "title": "i",
            "selftext": "am",
            "extra": {"a": 1},
        },
        {"name": "t1_raw", "id": "raw", "author": f" {OTHER} ", "created_utc": 5, "body": "i"},
    ],
)
def test_a_raw_row_is_the_same_text_to_whoever_reads_it(
    attack: Attack, documents: Documents, row: dict[str, Any]
) -> None:
    attack(texts=[Message(row, OTHER)])

    stored = everything(documents)
    (post,) = [each for each in stored["posts"].values() if each["author"] == OTHER]
    (score,) = [each for each in stored["probabilities"].values() if each["user"] == OTHER]
    assert [post[name] for name in ("id", "kind", "created_utc")] == [
        score[name] for name in ("id", "kind", "created_utc")
    ]
    assert {*post} == {
        *("id", "author", "kind", "subreddit", "created_utc", "title", "body"),
        *("link_id", "parent_id", "permalink"),
    }


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("row", "vectoriser"),
    [
        ({"id": "t1_e", "author": OTHER, "created_utc": "no number", "body": "x"}, "bad created_utc"),
        ({"id": "t1_e", "author": OTHER, "created_utc": 10**18, "body": "x"}, "bad created_utc"),
        ({"id": "t1_\0e", "author": OTHER, "created_utc": 1, "body": "x"}, "bad id"),
        ({"id": "t1_e", "author": "mal\nlory", "created_utc": 1, "body": "x"}, "bad author"),
        (
            {"id": "t1_e", "author": OTHER, "created_utc": 1, "body": ["x"]},
            "value does not fit TextRow: $.body: expected str | null, got array",
        ),
    ],
)
def test_what_one_sets_aside_nobody_stores(
    attack: Attack, documents: Documents, row: dict[str, Any], vectoriser: str
) -> None:
    topics = attack(texts=[Message(row, OTHER)])

    assert vectoriser in reasons(topics, "texts")
    assert len(reasons(topics, "texts")) == 2
    assert not any(each["author"] == OTHER for each in everything(documents)["posts"].values())
