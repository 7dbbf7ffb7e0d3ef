"""What the posts of a user come to: as if only those were there that are, in whatever order they came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

STRONGEST = 5
# Sums are whole numbers of these, so that they are the same in any order, and exact again after any post.
_UNITS = 10**9


class Judged(NamedTuple):
    """What is kept of a post: by which version, how likely, and when it was written."""

    model: str
    probability: float
    created_utc: int


@dataclass(frozen=True, slots=True)
class EvidencePicture:
    """The posts of a user that one version of a model has judged.

    total      of their probabilities, in billionths
    strongest  (probability, id) of the likeliest, the likeliest first
    """

    posts: int = 0
    total: int = 0
    first_utc: int = 0
    last: tuple[int, str] = (0, "")
    strongest: Sequence[tuple[float, str]] = ()

    def with_post(self, post_id: str, judged: Judged) -> "EvidencePicture":
        """Return the picture with one post more, which is not in it yet."""
        at = (judged.created_utc, post_id)
        ranked = sorted([*self.strongest, (judged.probability, post_id)], reverse=True)
        return EvidencePicture(
            self.posts + 1,
            self.total + round(judged.probability * _UNITS),
            min(self.first_utc, judged.created_utc) if self.posts else judged.created_utc,
            max(self.last, at) if self.posts else at,
            ranked[:STRONGEST],
        )

    @property
    def probability(self) -> float:
        """The mean of the five likeliest posts, where fewer count as if the others said nothing."""
        return sum(probability for probability, _ in self.strongest) / STRONGEST

    @property
    def mean(self) -> float:
        """The mean over all posts; 0 where there is none."""
        return self.total / _UNITS / self.posts if self.posts else 0.0

    def packed(self) -> list[Any]:
        """Return what `unpacked` reads."""
        strongest = [list(each) for each in self.strongest]
        return [self.posts, self.total, self.first_utc, *self.last, strongest]


def of_posts(posts: Iterable[tuple[str, Judged]]) -> EvidencePicture:
    """Return the picture of these posts by id, each there once."""
    picture = EvidencePicture()
    for post_id, judged in posts:
        picture = picture.with_post(post_id, judged)
    return picture


def unpacked(packed: Sequence[Any]) -> EvidencePicture:
    """Return the picture as it was packed."""
    posts, total, first_utc, last_utc, last_id, strongest = packed
    ranked = [(probability, post_id) for probability, post_id in strongest]
    return EvidencePicture(posts, total, first_utc, (last_utc, last_id), ranked)
