"""A user's strongest posts, by id: few are kept, and more than are asked for, in case some are taken away.

What is dropped is known by its height alone: whatever is as weak counts as dropped. So a post is taken away
whether it was kept, was dropped or has not come yet, in any order, and the posts asked for are those of
somebody who has written only what is there. The one bound: of the `KEPT` strongest of a user no more than
`KEPT - STRONGEST` may be taken away. After more, those that would follow count as if they said nothing, until
stronger ones come: the mean is then too low, never too high.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.depression.model.evidence import STRONGEST

KEPT = 32
# Evidence is kept in whole numbers of these, so that a post is found again by what it says.
_UNITS = 10**12


class Height(NamedTuple):
    """How strong a post is; of two as strong, the greater id."""

    evidence: int
    post_id: str


_NOTHING = Height(0, "")


@dataclass(frozen=True, slots=True)
class Strongest:
    """The strongest posts of one user.

    posts    id → evidence, and how often it is there: -1 where it was taken away before it came
    dropped  the strongest that is no longer kept; those below the middle are never kept
    """

    posts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    dropped: Height = _NOTHING

    def changed(self, post_id: str, evidence: float, posts: int = 1) -> "Strongest":
        """Return it with a post more, or by -1 one fewer; `evidence` is of the post, and less the middle."""
        height, before = self.posts.get(post_id, (round(evidence * _UNITS), 0))
        if Height(height, post_id) <= self.dropped:
            return self
        after = {**self.posts, post_id: (height, before + posts)}
        if not after[post_id][1]:
            del after[post_id]
        if len(after) <= KEPT:
            return Strongest(after, self.dropped)
        weakest = min(Height(height, each) for each, (height, _) in after.items())
        del after[weakest.post_id]
        return Strongest(after, weakest)

    def first(self) -> list[tuple[str, float]]:
        """Return the strongest that are there, the strongest first: id and evidence."""
        there = [Height(height, each) for each, (height, count) in self.posts.items() if count > 0]
        return [(each.post_id, each.evidence / _UNITS) for each in sorted(there, reverse=True)[:STRONGEST]]

    @property
    def mean(self) -> float:
        """That of the strongest, fewer counting as if the others said nothing."""
        return sum(evidence for _, evidence in self.first()) / STRONGEST

    def packed(self) -> list[Any]:
        """Return what `strongest_of` reads."""
        return [[post_id, *self.posts[post_id]] for post_id in self.posts] + [list(self.dropped)]


def strongest_of(packed: Sequence[Any]) -> Strongest:
    """Return them as they were packed."""
    *posts, dropped = packed
    return Strongest({post_id: (height, count) for post_id, height, count in posts}, Height(*dropped))
