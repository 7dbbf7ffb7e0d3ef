"""Documents of people who never were, as many as wanted, as the storers would have left them."""

import random
import time
from collections.abc import Mapping, Sequence

from catenae import Document
from services.depression.alert_manager import band

MODEL = "0123456789ab"
HALF_A_YEAR_S = 180 * 86_400


def alerts_of(users: int) -> list[Document]:
    """Return an alert each; the same number gives the same ones but for the time."""
    generator = random.Random(users)
    now = int(time.time())
    return [_alert(f"nobody_{number:06}", generator, now) for number in range(users)]


def course_of(user: str, posts: int = 200) -> Mapping[str, Sequence[Document]]:
    """Return the documents of a user's posts and of their probabilities, by collection."""
    now = int(time.time())
    times = {f"t1_{user}{number}": now - 60 * number for number in range(posts)}
    return {
        "posts": [_post(user, post, created_utc) for post, created_utc in times.items()],
        "probabilities": [_probability(user, post, created_utc) for post, created_utc in times.items()],
        "users": [_summary(user, min(times.values()), now, posts)],
    }


def _post(user: str, post: str, created_utc: int) -> Document:
    return {
        "id": post,
        "author": user,
        "kind": "comment",
        "subreddit": "test",
        "created_utc": created_utc,
        "title": "",
        "body": "a walk in the rain",
        "link_id": "",
        "parent_id": "",
        "permalink": "",
    }


def _probability(user: str, post: str, created_utc: int) -> Document:
    return {
        "id": post,
        "post_id": post,
        "user": user,
        "created_utc": created_utc,
        "removed": False,
        "model": MODEL,
        "user_probability": 0.6,
        "post_probability": 0.4,
        "words": [["walk", -0.4], ["rain", 0.3]],
    }


def _summary(user: str, first_utc: int, last_utc: int, posts: int) -> Document:
    return {
        "id": user,
        "user": user,
        "probability": 0.6,
        "threshold": 0.5,
        "posts": posts,
        "first_utc": first_utc,
        "last_utc": last_utc,
        "post_id": f"t1_{user}0",
        "created_utc": last_utc,
        "model": MODEL,
    }


def _alert(user: str, generator: random.Random, now: int) -> Document:
    opened = now - generator.randrange(HALF_A_YEAR_S)
    probability = generator.betavariate(5, 3)
    return {
        "id": user,
        "user": user,
        "raised_ms": opened * 1000,
        "opened_utc": opened,
        "opened_by": f"t1_{user}0",
        "opened_after": generator.randrange(1, 100),
        "threshold": 0.5,
        "updated_utc": now,
        "probability": probability,
        "peak_probability": max(0.5, probability),
        "posts_since": generator.randrange(200),
        "band": band(probability),
        "model": MODEL,
        "changed_ms": opened * 1000,
    }
