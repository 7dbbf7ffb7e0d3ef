"""What an outsider could say of anybody, in the shape that it has to have."""

from collections.abc import Mapping
from typing import Any

OUTSIDER = "mallory"
PICTURE: Mapping[str, Any] = {
    "user": OUTSIDER,
    "probability": 0.99,
    "threshold": 0.5,
    "posts": 9,
    "first_utc": 1,
    "last_utc": 2,
    "post_id": "t1_z",
    "created_utc": 3,
    "model": "m",
}

ALERT: Mapping[str, Any] = {
    "id": OUTSIDER,
    "user": OUTSIDER,
    "opened_utc": 1,
    "opened_by": "t1_1",
    "opened_after": 1,
    "threshold": 0.5,
    "updated_utc": 1,
    "probability": 0.9,
    "peak_probability": 0.9,
    "posts_since": 0,
    "band": "high",
    "model": "m",
}
