"""A generated collection as public Weibo collections are: people who never were, and their posts."""

import json
import random
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.depression.demo.files import DemoError
from services.depression.demo.people import SPAN_S, START_UTC, Person, people
from services.weibo.phrases import EVERYDAY, NEUTRAL, SIGNS, TOPICS, WORDS, WORRY

FILE, README = "weibo.json", "README.txt"
LABELLED = "posts.jsonl"
# How the names of its people begin.
USER = "生成用户"
_NOTE = """\
GENERATED DATA. Nobody wrote these posts and none of these users exists: a program put them together from
word lists (services/weibo). Every post carries "generated": true. Made with seed {seed}.

Good for trying the machinery. It says nothing about real people, nor how well any classifier works on them.
"""
_SHANGHAI_S = 8 * 3600
_EVERYDAY_SHARE = 0.06
_ODD_SHARE = 0.004
_REPOST_SHARE = 0.05
_LENGTHS = (1, 2, 2, 3)
_SLOT = re.compile(r"\{(\w+)\}")


def write_weibo(folder: Path, users: int = 200, posts: int = 10_000, seed: int = 0) -> int:
    """Write the collection; equal numbers give equal files. Return how many posts there are.

    Raises DemoError if the folder holds anything else, OSError if it cannot be written.
    """
    chance = random.Random(seed)
    rows = [_row(person, chance) for person in people(users, posts, chance, USER)]
    # With a mark, as some of the public ones have.
    _write(folder, FILE, json.dumps(rows, ensure_ascii=False, indent=1), "utf-8-sig", seed)
    return sum(len(row["tweets"]) for row in rows)


def write_labelled(folder: Path, users: int, posts: int, seed: int) -> int:
    """Write posts of such people one by one, labelled by whether they show a sign; else as `write_weibo`."""
    chance = random.Random(seed)
    written = [
        (person.name, *_text(person, at_utc, chance))
        for person in people(users, posts, chance, USER)
        for at_utc in _times(person, chance)
    ]
    rows = [{"user": user, "text": text, "label": int(is_sign)} for user, text, is_sign in written]
    _write(
        folder,
        LABELLED,
        "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows),
        "utf-8",
        seed,
    )
    return len(rows)


def _write(folder: Path, name: str, text: str, encoding: str, seed: int) -> None:
    if folder.is_dir() and {each.name for each in folder.iterdir()} - {name, README}:
        raise DemoError(f"{folder} holds something else than a generated Weibo. Name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / README).write_text(_NOTE.format(seed=seed), "utf-8")
    (folder / name).write_text(text, encoding)


def _row(person: Person, chance: random.Random) -> dict[str, Any]:
    return {
        "nickname": person.name,
        "label": str(int(person.positive)),
        "tweets": [_tweet(person, at_utc, chance) for at_utc in _times(person, chance)],
    }


def _times(person: Person, chance: random.Random) -> list[float]:
    """Return when a person writes, the newest first, as the public ones have it."""
    return sorted((START_UTC + SPAN_S * chance.random() for _ in range(person.posts)), reverse=True)


def _tweet(person: Person, at_utc: float, chance: random.Random) -> dict[str, Any]:
    text, _ = _text(person, at_utc, chance)
    is_repost = chance.random() < _REPOST_SHARE
    if is_repost:
        text += f"//@{USER}:{_filled(chance.choice(NEUTRAL), _topic(person, chance), chance)}"
    local = datetime.fromtimestamp(at_utc, UTC) + timedelta(seconds=_SHANGHAI_S)
    is_odd = chance.random() < _ODD_SHARE
    return {
        "tweet_content": text,
        "posting_time": "刚刚" if is_odd else local.strftime("%Y-%m-%d %H:%M"),
        "posted_picture_url": "无",
        "tweet_is_original": str(not is_repost),
        "generated": True,
    }


def _text(person: Person, at_utc: float, chance: random.Random) -> tuple[str, bool]:
    """Return one to three sentences on a topic with what the person's mood adds; say if that is a sign."""
    topic = _topic(person, chance)
    kinds = [
        EVERYDAY if chance.random() < _EVERYDAY_SHARE else NEUTRAL for _ in range(chance.choice(_LENGTHS))
    ]
    is_sign = chance.random() < person.sign_share(at_utc)
    if is_sign:
        kinds.append(SIGNS)
    elif chance.random() < person.worry:
        kinds.append(WORRY)
    return "。".join(_filled(chance.choice(kind), topic, chance) for kind in kinds), is_sign


def _topic(person: Person, chance: random.Random) -> Mapping[str, Sequence[str]]:
    return TOPICS.get(chance.choice(person.topics)) or chance.choice(list(TOPICS.values()))


def _filled(template: str, topic: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    words = {**WORDS, **topic}
    return _SLOT.sub(lambda slot: chance.choice(words[slot[1]]), template)
