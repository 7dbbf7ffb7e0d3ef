"""What is in files of rows."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import zstandard

from services.reddit.survey import survey

SHARED = Path(__file__).parents[3] / "shared" / "data" / "reddit-comments"
REAL_COMMENTS = 4703

# With the fields of real dumps that decide something, and the oddities seen in them.
COMMENT: dict[str, Any] = {
    "author": "demo_user_0001",
    "author_fullname": "t2_demo",
    "body": "the soup was good",
    "controversiality": 0,
    "created_utc": 1546300800,
    "edited": False,
    "id": "edczv6a",
    "link_id": "t3_abcdef",
    "parent_id": "t1_edczv00",
    "retrieved_on": 1548700000,
    "subreddit": "cooking",
}
SUBMISSION: dict[str, Any] = {
    "author": "demo_user_0002",
    "created_utc": 1546300900,
    "id": "abcdef",
    "is_self": True,
    "selftext": "does anyone know?",
    "subreddit": "cooking",
    "title": "soup",
    "url": "https://www.reddit.com/r/cooking/comments/abcdef/soup/",
}
COMMENTS = (
    COMMENT,
    COMMENT | {"id": "edczv6b", "created_utc": "1546300801", "edited": 1546300900.0},
    COMMENT | {"id": "edczv6c", "created_utc": 1546300802.0, "edited": True},
    COMMENT,
    COMMENT | {"author": "[deleted]"},
    COMMENT | {"author": None},
    COMMENT | {"body": "[removed]"},
    COMMENT | {"body": "[deleted]", "author": "[deleted]"},
)
SUBMISSIONS = (
    SUBMISSION,
    SUBMISSION | {"id": "abcdeg", "selftext": "[removed]"},
    SUBMISSION | {"id": "abcdeh", "is_self": False, "selftext": ""},
    SUBMISSION | {"title": "[deleted by user]", "selftext": None, "author": "[deleted]"},
)


def dumped(path: Path, rows: tuple[dict[str, Any], ...]) -> None:
    """Write rows as dumps are: a line each, Zstandard with a window of 2 GiB."""
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=31)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    lines = b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows)
    path.write_bytes(compressor.compress(lines) + compressor.flush())


@pytest.fixture
def dumps(tmp_path: Path) -> Path:
    dumped(tmp_path / "RC_2019-01.zst", COMMENTS)
    dumped(tmp_path / "RS_2019-01.zst", SUBMISSIONS)
    return tmp_path


def test_every_row_of_a_dump_is_accepted_or_set_aside_with_its_reason(dumps: Path) -> None:
    found = survey(dumps)

    assert found.accepted == {"comment": 3, "submission": 3}
    assert found.set_aside == {"deleted author": 3, "no author": 1, "no text": 1, "repeated id": 1}
    assert found.rows == len(COMMENTS) + len(SUBMISSIONS)
    assert (found.first_utc, found.last_utc) == (1546300800, 1546300900)


def test_progress_is_told_meanwhile(dumps: Path) -> None:
    shares: list[float] = []

    survey(dumps, shares.append)

    assert len(shares) == 1
    assert 0 < shares[0] < 1


def test_every_real_comment_is_accounted_for() -> None:
    folder = Path(os.environ.get("CATENAE_REDDIT_COMMENTS", SHARED))
    if not folder.exists():
        pytest.skip(f"no real comments in {folder}; CATENAE_REDDIT_COMMENTS may name a folder of them")

    found = survey(folder)

    assert found.rows == REAL_COMMENTS
    assert found.set_aside.keys() <= {"deleted author", "no author", "no text"}
    assert found.accepted.total() > 0.9 * REAL_COMMENTS
