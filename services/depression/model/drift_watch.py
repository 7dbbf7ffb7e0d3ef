"""Whether those who are screened now are like those of the training, kept up while posts come.

Probabilities depend on how much there is of a user, so they are compared with those that users of the
training had after about as many posts.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from services.depression.model.counts import Floats
from services.depression.model.drift import Profile, profile_from, stability_index
from services.depression.model.reliability import STRATA

# Of so many users the latest figure is kept; of fewer the index says more of chance than of them.
MOST_USERS, FEWEST_USERS = 1_000, 100
# The share of known words of a user who has written fewer says little.
FEWEST_WORDS = 200
# A figure is worked out again after so many posts, or as many as it looks at users: at no cost to a post.
_EVERY = 100


class _Expected(NamedTuple):
    least: int
    profile: Profile


class ScoreWatch:
    """The latest probabilities of users, by how many posts they have, beside those of the training.

    seen  what a training keeps to be compared with; nothing is watched if it has no strata
    """

    def __init__(self, seen: Mapping[str, Any]) -> None:
        self._expected = [
            _Expected(int(each["least"]), profile_from(each["scores"])) for each in seen.get("strata", ())
        ]
        self._users: list[OrderedDict[str, float]] = [OrderedDict() for _ in self._expected]
        self._due = _EVERY
        self._index = 0.0

    def note(self, user: str, posts: int, probability: float) -> None:
        """Take note of a user's probability after so many posts."""
        found = [number for number, each in enumerate(self._expected) if each.least <= posts]
        if found:
            of_stratum = self._users[found[-1]]
            of_stratum[user] = probability
            of_stratum.move_to_end(user)
            if len(of_stratum) > MOST_USERS:
                of_stratum.popitem(last=False)
            self._due -= 1

    def forget(self, user: str) -> None:
        """Let go of a user."""
        for of_stratum in self._users:
            if of_stratum.pop(user, None) is not None:
                self._due -= 1

    def index(self) -> float:
        """Return the stability index, a mean over the strata with users enough; 0 without any."""
        if self._due <= 0:
            self._due = max(_EVERY, sum(map(len, self._users)))
            found = [
                (stability_index(each.profile, np.array(list(some.values()))), len(some))
                for each, some in zip(self._expected, self._users, strict=True)
                if len(some) >= FEWEST_USERS
            ]
            users = sum(number for _, number in found)
            self._index = sum(index * number for index, number in found) / users if users else 0.0
        return self._index


class WordWatch:
    """Which share of users' words is known, beside the users of the training.

    seen  what a training keeps to be compared with; nothing is watched if it is empty
    """

    def __init__(self, seen: Mapping[str, Any]) -> None:
        self._expected = profile_from(seen["known_words"]) if "known_words" in seen else None
        self._users: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._due = _EVERY
        self._index = 0.0

    def note(self, user: str, known: int, words: int) -> None:
        """Take note of a text with so many words, of which so many are known."""
        before = self._users.get(user, (0, 0))
        self._users[user] = before[0] + known, before[1] + words
        self._users.move_to_end(user)
        if len(self._users) > MOST_USERS:
            self._users.popitem(last=False)
        self._due -= 1

    def forget(self, user: str) -> None:
        """Let go of a user."""
        if self._users.pop(user, None) is not None:
            self._due -= 1

    def index(self) -> float:
        """Return the stability index of users with words enough; 0 of too few users."""
        if self._due <= 0 and self._expected is not None:
            self._due = max(_EVERY, len(self._users))
            shares = [known / words for known, words in self._users.values() if words >= FEWEST_WORDS]
            is_enough = len(shares) >= FEWEST_USERS
            self._index = stability_index(self._expected, np.array(shares)) if is_enough else 0.0
        return self._index


def last_by_stratum(probabilities: Sequence[Floats]) -> list[tuple[int, list[float]]]:
    """Return of each stratum its least number of posts, and what users were last told within it."""
    return [
        (
            least,
            [
                float(each[min(len(each), most or len(each)) - 1])
                for each in probabilities
                if len(each) >= least
            ],
        )
        for least, most in STRATA
    ]
