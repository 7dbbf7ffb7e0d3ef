"""The demo collection in a folder: all posts by time, the golden truth, and a note of their origin."""

import gzip
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from services.depression.demo.people import Person, people
from services.depression.demo.phrases import ABOUT
from services.depression.demo.posts import Row, rows

STREAM, TRUTH, README = "stream.jsonl.gz", "risk_golden_truth.txt", "README.txt"

_NOTE = """\
GENERATED DATA. Nobody wrote these posts and none of these users exists: a program put them together from
word lists (services/depression/demo). Every post carries "generated": true.

{users} users, {positives} of them with signs of {about} in risk_golden_truth.txt; {posts} posts in
stream.jsonl.gz; made with seed {seed}.

Good for trying the machinery. It says nothing about real people, nor how well the screening works on them.
"""


class DemoError(Exception):
    """A demo that cannot be written; says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Written:
    """How much was written."""

    users: int
    positives: int
    posts: int


def write_demo(
    folder: Path, users: int = 400, posts: int = 30_000, seed: int = 0, about: str = "depression"
) -> Written:
    """Write the demo collection; the same numbers give the same files, byte for byte.

    about  of what there are signs, one of `phrases.ABOUT`

    Raises DemoError if the folder holds anything but a demo, OSError if it cannot be written.
    """
    _check_empty(folder)
    chance = random.Random(seed)
    signs = ABOUT[about]
    crowd = people(users, posts, chance, signs.users)
    stream = rows(crowd, signs, chance)
    written = Written(users, sum(person.positive for person in crowd), len(stream))
    folder.mkdir(parents=True, exist_ok=True)
    note = _NOTE.format(**asdict(written), seed=seed, about=about)
    (folder / README).write_text(note, "utf-8")
    (folder / TRUTH).write_text(_truth(crowd), "utf-8")
    (folder / STREAM).write_bytes(_packed(stream))
    return written


def _check_empty(folder: Path) -> None:
    if not folder.exists():
        return
    found = {path.name for path in folder.iterdir()} if folder.is_dir() else {folder.name}
    if {name for name in found if not name.startswith(".")} - {STREAM, TRUTH, README}:
        raise DemoError(f"{folder} holds something else than a demo. Name another folder")


def _truth(crowd: Sequence[Person]) -> str:
    return "".join(f"{person.name}\t{int(person.positive)}\n" for person in crowd)


def _packed(stream: Sequence[Row]) -> bytes:
    text = "".join(f"{json.dumps(row)}\n" for row in stream)
    return gzip.compress(text.encode(), compresslevel=6, mtime=0)
