"""The people of the demo: when they write, what about, and how their mood colours it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from services.depression.demo.phrases import TOPICS

START_UTC = 1_704_067_200  # 2024-01-01 00:00
SPAN_S = 120 * 86_400
POSITIVE_SHARE = 0.12
WORRIED_SHARE = 0.2

_FEWEST_POSTS = 12


@dataclass(frozen=True, slots=True)
class Person:
    """One user who never was.

    onset_utc  from when on signs grow; beyond the span for those who stay well
    intensity  share of posts with a sign, in the end
    worry      share of posts that sound like one without being one
    """

    name: str
    positive: bool
    topics: Sequence[str]
    posts: int
    onset_utc: float
    intensity: float
    worry: float

    def sign_share(self, at_utc: float) -> float:
        """Return the chance that a post written then shows a sign: 0 before the onset, then growing."""
        grown = (at_utc - self.onset_utc) / (START_UTC + SPAN_S - self.onset_utc)
        return self.intensity * min(1.0, 0.4 + grown) if grown > 0 else 0.0


def people(users: int, posts: int, chance: random.Random, named: str = "demo_user") -> list[Person]:
    """Return `users` people who write about `posts` posts together, a few of them very many."""
    shares = [chance.lognormvariate(0, 0.8) for _ in range(users)]
    spare = max(0, posts - users * _FEWEST_POSTS) / sum(shares)
    positives = set(chance.sample(range(users), round(users * POSITIVE_SHARE)))
    return [
        _person(f"{named}_{number:04}", number in positives, _FEWEST_POSTS + round(share * spare), chance)
        for number, share in enumerate(shares)
    ]


def _person(name: str, positive: bool, posts: int, chance: random.Random) -> Person:  # noqa: FBT001
    onset_utc = START_UTC + SPAN_S * chance.uniform(0.05, 0.6)
    worried = chance.random() < WORRIED_SHARE
    return Person(
        name=name,
        positive=positive,
        topics=chance.sample(sorted(TOPICS), 3),
        posts=posts,
        onset_utc=onset_utc if positive else float("inf"),
        intensity=chance.uniform(0.1, 0.5) if positive else 0.0,
        worry=chance.uniform(0.03, 0.13) if worried else chance.uniform(0, 0.03),
    )
