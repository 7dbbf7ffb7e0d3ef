"""Posts of people who never were, each a sentence or two and a scene, of which it is known how far they tell.

A post has a mood; its text says it in 65 of 100 posts, its image in 80, and one of both always does. What
it is labelled is its mood, but for exactly one in ten, drawn by lot. So nothing that is in posts tells more
than nine in ten of the labels: who is right more often has seen them.
"""

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.depression.demo.files import DemoError
from services.depression.demo.people import SPAN_S, START_UTC
from services.depression.demo.phrases import NEUTRAL, SIGNS, TOPICS, WORDS
from services.depression.demo.posts import base36
from services.scenes.drawing import Mood, scene

REACHABLE = 0.9
POSTS, LABELLED, README = "posts.jsonl", "labelled.jsonl", "README.txt"
USER = "demo_painter"
# The numbers of posts of other demos are below.
_FIRST_ID = 3 * 36**6
# Of a hundred posts those whose text, and those whose image, says nothing.
_SILENT_TEXTS, _SILENT_IMAGES = 35, 20
_CHEERFUL: Sequence[str] = (
    "had a lovely {day} with my {person}, we laughed a lot.",
    "slept well and went out {when}, the {thing} made my day.",
    "so happy with the {thing}, we will {act} it again on {day}.",
    "my {person} came over {when} and we had a great time.",
    "feeling rested and glad, can not wait to {act} the {thing}.",
)
_SLOT = re.compile(r"\{(\w+)\}")
_NOTE = """\
GENERATED DATA. Nobody wrote these posts, nobody took these images, and none of these users exists: a
program put them together (services/scenes). Every post carries "generated": true. Made with seed {seed}.

Good for trying the machinery. It says nothing about real people, nor how well any classifier works on them.
"""


@dataclass(frozen=True, slots=True)
class Painted:
    """A post: who wrote it, what it says, its image as a file, and what it is labelled."""

    user: str
    text: str
    image: bytes
    is_positive: bool


def painted(users: int, posts: int, seed: int) -> list[Painted]:
    """Return posts in turn of so many users, half of them positive; equal numbers give equal posts."""
    chance = random.Random(seed)
    silences = [
        (number % 100 < _SILENT_TEXTS, number % 100 >= 100 - _SILENT_IMAGES) for number in range(posts)
    ]
    moods = [Mood.LOW if number % 2 else Mood.WELL for number in range(posts)]
    is_right = [number % 20 > 1 for number in range(posts)]
    chance.shuffle(silences)
    chance.shuffle(moods)
    # Of either mood a tenth is labelled as the other.
    order = sorted(range(posts), key=lambda number: (moods[number], chance.random()))
    labels = [False] * posts
    for right, number in zip(is_right, order, strict=True):
        labels[number] = (moods[number] is Mood.LOW) == right
    return [
        Painted(
            f"{USER}_{number % users:04}",
            _text(Mood.NEITHER if silent_text else mood, chance),
            scene(Mood.NEITHER if silent_image else mood, chance),
            label,
        )
        for number, ((silent_text, silent_image), mood, label) in enumerate(
            zip(silences, moods, labels, strict=True)
        )
    ]


def write_painted(folder: Path, posts: Sequence[Painted], seed: int) -> None:
    """Write posts as text records, as labelled posts, and as images in a folder.

    Raises DemoError if the folder holds anything else, OSError if it cannot be written.
    """
    known = {POSTS, LABELLED, README}
    if folder.is_dir() and any(each.name not in known and each.suffix != ".jpg" for each in folder.iterdir()):
        raise DemoError(f"{folder} holds something else than generated posts. Name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / README).write_text(_NOTE.format(seed=seed), "utf-8")
    for number, post in enumerate(posts):
        (folder / image_name(number)).write_bytes(post.image)
    rows = [_record(number, post, len(posts)) for number, post in enumerate(posts)]
    _write(folder / POSTS, rows)
    labelled = [
        {
            "user": post.user,
            "text": post.text,
            "images": [image_name(number)],
            "label": int(post.is_positive),
        }
        for number, post in enumerate(posts)
    ]
    _write(folder / LABELLED, labelled)


def image_name(number: int) -> str:
    """Return the name of the image of a post, by the post's place."""
    return f"{number:05}.jpg"


def post_id(number: int) -> str:
    """Return the id of a post, by its place."""
    return f"t1_{base36(_FIRST_ID + number)}"


def _record(number: int, post: Painted, of: int) -> dict[str, Any]:
    return {
        "id": post_id(number),
        "author": post.user,
        "kind": "comment",
        "created_utc": START_UTC + SPAN_S * number // of,
        "body": post.text,
        "images": [image_name(number)],
        "generated": True,
    }


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


def _text(mood: Mood, chance: random.Random) -> str:
    kinds = {Mood.LOW: [NEUTRAL, SIGNS], Mood.WELL: [NEUTRAL, _CHEERFUL], Mood.NEITHER: [NEUTRAL, NEUTRAL]}
    topic = TOPICS[chance.choice(sorted(TOPICS))]
    words = {**WORDS, **topic}
    return " ".join(_filled(chance.choice(kind), words, chance) for kind in kinds[mood])


def _filled(template: str, words: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    return _SLOT.sub(lambda slot: chance.choice(words[slot[1]]), template)
