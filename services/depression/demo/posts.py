"""What the demo people write, as raw rows with Reddit's field names and a few of Reddit's oddities."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from services.depression.demo.people import SPAN_S, START_UTC, Person
from services.depression.demo.phrases import NEUTRAL, TOPICS, WORDS, Signs

Row = dict[str, Any]

_SLOT = re.compile(r"\{(\w+)\}")
_SUBMISSIONS = 0.1
_EVERYDAY = 0.06
_ODD = 0.004


def rows(crowd: Sequence[Person], signs: Signs, chance: random.Random) -> list[Row]:
    """Return every row of the crowd by time, with signs of these.

    Each carries `"generated": true`, and a few are odd.
    """
    written = sorted(
        (START_UTC + SPAN_S * chance.random(), number)
        for number, person in enumerate(crowd)
        for _ in range(person.posts)
    )
    return [
        _made_odd(_row(crowd[author], signs, at_utc, number, chance), chance)
        for number, (at_utc, author) in enumerate(written)
    ]


def _row(person: Person, signs: Signs, at_utc: float, number: int, chance: random.Random) -> Row:
    topic = chance.choice(person.topics)
    said = list(sentences(person, signs, at_utc, topic, chance))
    row: Row = {
        "id": base36(signs.first_id + number),
        "author": person.name,
        "subreddit": topic,
        "created_utc": int(at_utc),
        "generated": True,
    }
    if chance.random() < _SUBMISSIONS:
        return row | {"title": said[0], "selftext": " ".join(said[1:])}
    thread = f"t3_{base36(signs.first_id - 1 - chance.randrange(10_000))}"
    return row | {"body": " ".join(said), "link_id": thread, "parent_id": thread}


def sentences(
    person: Person, signs: Signs, at_utc: float, topic: str, chance: random.Random
) -> Iterator[str]:
    """Yield one to three sentences on the topic and what the person's mood adds, about 25 words in all."""
    words = {**WORDS, **TOPICS[topic]}
    for _ in range(chance.choice((1, 2, 2, 3))):
        plain = signs.everyday if chance.random() < _EVERYDAY else NEUTRAL
        yield _filled(chance.choice(plain), words, chance)
    if chance.random() < person.sign_share(at_utc):
        yield _filled(chance.choice(signs.signs), words, chance)
    elif chance.random() < person.worry:
        yield _filled(chance.choice(signs.worry), words, chance)


def _filled(template: str, words: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    return _SLOT.sub(lambda slot: chance.choice(words[slot[1]]), template)


def _made_odd(row: Row, chance: random.Random) -> Row:
    """Return the row, now and then as dumps have it: most of these oddities make it useless."""
    if chance.random() >= _ODD:
        return row
    oddities: Sequence[Callable[[Row], Row]] = (
        lambda row: row | {"author": "[deleted]"},
        lambda row: row | {"created_utc": "yesterday"},
        lambda row: row | {"title": "[removed]", "selftext": "", "body": "[removed]"},
        lambda row: row | {"created_utc": str(row["created_utc"])},
        lambda row: row | {"created_utc": float(row["created_utc"]), "edited": True},
    )
    return chance.choice(oddities)(row)


def base36(number: int) -> str:
    """Return a number as Reddit writes its ids."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits
