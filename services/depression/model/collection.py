"""A collection: what users wrote, in the order of time, and the golden truth about each of them.

CollectionError        the base: a collection that cannot be used; one line that says where and what
├── UnreadableLine     a line, file or document that cannot be decoded
├── DuplicateId        two posts of one id
└── TruthMismatch      users without posts, or posts of users the truth does not name

One bad row or user costs nothing but itself: it is left out and counted, unless that is to be strict.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from services.depression.model.reading import NEWEST, Reading
from services.reddit.records import TextRecord


class CollectionError(Exception):
    """A collection that cannot be used; says which file and line, what was found, and what to do."""


class UnreadableLine(CollectionError):
    """Something in a file that cannot be decoded: `path`, `line` from 1, `found`."""

    def __init__(self, path: Path, line: int, found: str) -> None:
        super().__init__(f"{path}:{line}: {found}. Correct the line, or fetch the file again")
        self.path, self.line, self.found = path, line, found


class DuplicateId(CollectionError):
    """Two posts of one id; `place` and `former` are file and line of the second and of the first."""

    def __init__(self, place: "Place", former: "Place") -> None:
        super().__init__(f"{place}: the id of this post was seen at {former}. Remove one of the two")
        self.place, self.former = place, former


class TruthMismatch(CollectionError):
    """Truth and posts do not speak of the same users; names are left out, `place` shows the first case."""

    def __init__(self, place: "Place", found: str) -> None:
        super().__init__(f"{place}: {found}. Complete the truth or the posts")
        self.place, self.found = place, found


class Place(NamedTuple):
    """Where something was read."""

    path: Path
    line: int  # from 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Post(NamedTuple):
    """What one user wrote at one time: own words only."""

    id: str
    user: str
    created_utc: int  # seconds
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Users and what they wrote.

    truth      user → whether positive, in the order of the truth file
    posts      user → posts by time, at least one; equal times in the order of the files
    set_aside  reason → what was left out: rows, documents, users
    reading    by which the own words were told from others'
    """

    truth: Mapping[str, bool]
    posts: Mapping[str, Sequence[Post]]
    set_aside: Mapping[str, int] = field(default_factory=dict)
    reading: Reading = NEWEST

    def only(self, users: Iterable[str]) -> "Collection":
        """Return the part of it that these users wrote."""
        chosen = list(users)
        return replace(
            self,
            truth={user: self.truth[user] for user in chosen},
            posts={user: self.posts[user] for user in chosen},
        )


class Written(NamedTuple):
    """A text as it was written, and where it was read."""

    record: TextRecord
    place: Place


class Located(NamedTuple):
    """A post and where it was read."""

    post: Post
    place: Place


class LeftOut:
    """Counts what is left out of a collection by reason, or raises, if it is to be strict.

    Texts, names and ids are told nowhere.
    """

    def __init__(self, *, is_strict: bool) -> None:
        self._is_strict = is_strict
        self.reasons: Counter[str] = Counter()

    def odd(self, reason: str) -> None:
        """Count a row that says nothing that could be used, which is no mistake of the collection."""
        self.reasons[reason] += 1

    def wrong(self, reason: str, error: CollectionError, count: int = 1) -> None:
        """Count what contradicts the rest of the collection; raise `error` if that is to be strict."""
        if self._is_strict:
            raise error
        self.reasons[reason] += count


def assemble(
    truth: Mapping[str, tuple[bool, Place]], located: Iterable[Located], left_out: LeftOut
) -> tuple[Mapping[str, bool], Mapping[str, Sequence[Post]]]:
    """Group posts by user and by time, and hold them against the truth; of two posts of one id, the first.

    Raises CollectionError if no user is left.
    """
    seen: dict[str, Place] = {}
    posts: dict[str, list[Post]] = {user: [] for user in truth}
    for post, place in located:
        if post.id in seen:
            left_out.wrong("repeated id", DuplicateId(place, seen[post.id]))
        elif post.user not in posts:
            found = "a post of a user the golden truth does not name"
            left_out.wrong("user not in the truth", TruthMismatch(place, found))
        else:
            posts[post.user].append(post)
        seen.setdefault(post.id, place)
    silent = [place for user, (_, place) in truth.items() if not posts[user]]
    if silent:
        found = f"a user without posts, one of {len(silent)}"
        left_out.wrong("user without posts", TruthMismatch(silent[0], found), len(silent))
    if len(silent) == len(truth):
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.reasons.items()))
        raise TruthMismatch(silent[0], f"no user has a post; left out: {told}")
    for of_user in posts.values():
        of_user.sort(key=lambda post: post.created_utc)
    kept = {user: of_user for user, of_user in posts.items() if of_user}
    return {user: truth[user][0] for user in kept}, kept
