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
