"""What posts come to: how many of each class, by hour, place, language, source, word and hashtag."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal, NamedTuple, get_args
from zlib import crc32

Label = Literal["signs", "no_signs", "not_sure"]
LABELS: tuple[Label, ...] = get_args(Label)
Dimension = Literal["all", "hour", "place", "language", "source", "word", "hashtag"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
HOUR_S = 3600
# What has very many values is kept in so many parts, of which a post changes a few.
_PARTS: Mapping[Dimension, int] = {"hour": 16, "word": 64, "hashtag": 16}
# How much the words of all posts weigh against those of a class, as if so many more words had been written.
PRIOR_WORDS = 500.0

# Of one class each, in the order of LABELS.
Counts = list[int]
# Values with their counts, by dimension.
Tally = dict[Dimension, dict[str, Counts]]


class Facts(NamedTuple):
    """What is counted of a post."""

    label: Label
    created_utc: int
    place: str
    language: str
    source: str
    words: Sequence[str]
    hashtags: Sequence[str]

    def values(self) -> Iterator[tuple[Dimension, str]]:
        """Yield each value under which the post is counted, once."""
        yield "all", ""
        yield "hour", str(self.created_utc - self.created_utc % HOUR_S)
        yield "place", self.place
        yield "language", self.language
        yield "source", self.source
        for word in self.words:
            yield "word", word
        for tag in self.hashtags:
            yield "hashtag", tag


def facts_of(packed: Sequence[Any]) -> Facts:
    """Return facts as they were packed, which is a list of them."""
    return Facts(*packed)


def bucket(dimension: Dimension, value: str) -> str:
    """Return the part in which a value is kept."""
    parts = _PARTS.get(dimension, 1)
    return dimension if parts == 1 else f"{dimension} {crc32(value.encode()) % parts:02}"


def dimension_of(name: str) -> Dimension:
    """Return the dimension of a part."""
    found = name.partition(" ")[0]
    return next(each for each in DIMENSIONS if each == found)


def add(counts: dict[str, Counts], value: str, label: Label, by: int) -> None:
    """Count `by` posts more of a class under a value; what comes to nothing is taken out."""
    found = list(counts.get(value, (0, 0, 0)))
    found[LABELS.index(label)] += by
    if any(found):
        counts[value] = found
    else:
        counts.pop(value, None)


def tally(facts: Iterable[Facts]) -> Tally:
    """Return what posts come to."""
    found: Tally = {dimension: {} for dimension in DIMENSIONS}
    for each in facts:
        for dimension, value in each.values():
            add(found[dimension], value, each.label, 1)
    return found


class Telling(NamedTuple):
    """A word, in how many posts it is of either class, and how telling it is: z, of either sign."""

    word: str
    here: int
    there: int
    z: float


def telling(words: Mapping[str, Counts], most: int) -> tuple[list[Telling], list[Telling]]:
    """Return the words that tell posts with signs from those without, and the other way round.

    words  by word, in how many posts of each class it is; those not sure count for the prior alone, and
           a word that is in no others tells nothing

    Log-odds ratio with an informative Dirichlet prior, which is the words of all posts: a word must be more
    frequent than chance makes it, so neither frequent words nor rare ones win by being that. Source: Monroe,
    Colaresi and Quinn 2008, "Fightin' Words", Political Analysis 16(4), equations 15, 16, 19 to 22.
    """
    signs, no_signs, all_posts = (
        sum(counts[0] for counts in words.values()),
        sum(counts[1] for counts in words.values()),
        sum(sum(counts) for counts in words.values()),
    )
    scored = []
    for word, counts in words.items():
        prior = PRIOR_WORDS * sum(counts) / all_posts
        here, there = counts[0] + prior, counts[1] + prior
        others_here, others_there = signs + PRIOR_WORDS - here, no_signs + PRIOR_WORDS - there
        if others_here > 0 and others_there > 0:
            log_odds = math.log(here / others_here) - math.log(there / others_there)
            spread = math.sqrt(1 / here + 1 / there)
            scored.append(Telling(word, counts[0], counts[1], log_odds / spread))
    ranked = sorted(scored, key=lambda each: (-each.z, each.word))
    raising = (each for each in ranked if each.z > 0 and each.here)
    lowering = (each for each in reversed(ranked) if each.z < 0 and each.there)
    return list(islice(raising, most)), list(islice(lowering, most))
