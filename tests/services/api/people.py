"""People who never were, as the topology keeps them, and how to sign in."""

from typing import Any

from starlette.testclient import TestClient

from services.api.collaborators import Collaborators
from services.api.review_record import Verdict
from services.api.reviews import Opinion

ORIGIN = "http://127.0.0.1:8080"
SAME_HOST = "http://localhost:8080"
PASSWORD = "correct horse battery"
HOSTILE = "<script>alert(1)</script>\u202e=cmd|' /C calc'!A0 \x00 é😀"


def sign_in(client: TestClient, name: str, password: str = PASSWORD) -> Any:
    return client.post("/api/v1/sign-in", json={"name": name, "password": password})


def alert(user: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": user,
        "user": user,
        "opened_utc": 100,
        "opened_by": f"t1_{user}0",
        "opened_after": 1,
        "threshold": 0.5,
        "updated_utc": 200,
        "probability": 0.6,
        "peak_probability": 0.7,
        "posts_since": 3,
        "band": "raised",
        "model": "abc",
        "changed_ms": 1,
        **fields,
    }


def disputed(here: Collaborators, user: str) -> None:
    """Store an alert on which two reviewers disagree."""
    here.documents.upsert("alerts", [alert(user)])
    here.reviews.say(user, "one", Opinion(Verdict.RISK))
    here.reviews.say(user, "other", Opinion(Verdict.NO_RISK))


def user_document(user: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": user,
        "user": user,
        "probability": 0.6,
        "threshold": 0.5,
        "posts": 4,
        "first_utc": 100,
        "last_utc": 200,
        "post_id": f"t1_{user}0",
        "created_utc": 200,
        "model": "abc",
        **fields,
    }


def post(user: str, number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"t1_{user}{number}",
        "author": user,
        "kind": "comment",
        "subreddit": "tea",
        "created_utc": 100 + number,
        "title": "",
        "body": f"words {number}",
        "link_id": "t3_x",
        "parent_id": "t3_x",
        "permalink": "/r/tea/x",
        **fields,
    }


def probability(user: str, number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"t1_{user}{number}",
        "post_id": f"t1_{user}{number}",
        "user": user,
        "kind": "comment",
        "created_utc": 100 + number,
        "removed": False,
        "model": "abc",
        "user_probability": 0.5 + number / 100,
        "post_probability": number / 10,
        "words": [["sad", 1.5], ["tea", -0.5]],
        **fields,
    }


def topic(name: str, **fields: Any) -> dict[str, Any]:
    """Return a search, as the API keeps it."""
    return {
        "id": name,
        "query": "tea",
        "sources": ["held"],
        "languages": [],
        "places": [],
        "from_utc": None,
        "until_utc": None,
        "most": 10,
        "is_watch": False,
        "will": "run",
        "run": 1,
        "created_ms": 1,
        "created_by": "the_reviewer",
        **fields,
    }


def topic_post(name: str, number: int, **fields: Any) -> dict[str, Any]:
    """Return a post of a search, as the topology keeps it."""
    return {
        "id": f"{name} t1_{number}",
        "topic": name,
        "post_id": f"t1_{number}",
        "author": "ann",
        "kind": "comment",
        "created_utc": 3600 * number,
        "subreddit": "tea",
        "title": "",
        "body": f"tea number{number} #cup",
        "permalink": "",
        "source": "held",
        "language": "en",
        "stated": "Madrid",
        "place": "ES/Madrid",
        "country": "ES",
        "hashtags": ["cup"],
        "label": "signs",
        "probability": 0.5 + number / 100,
        "threshold": 0.5,
        "words": [["tea", 0.5]],
        "model": "abc",
        **fields,
    }
