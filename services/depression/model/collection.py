"""A collection: what users wrote, in the order of time, and the golden truth about each of them.

CollectionError        the base: a collection that cannot be used; one line that says where and what
├── UnreadableLine     a line, file or document that cannot be decoded
├── DuplicateId        two posts of one id
└── TruthMismatch      users without posts, or posts of users the truth does not name
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


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
    set_aside  reason → rows that hold no usable post
    """

    truth: Mapping[str, bool]
    posts: Mapping[str, Sequence[Post]]
    set_aside: Mapping[str, int] = field(default_factory=dict)

    def only(self, users: Iterable[str]) -> "Collection":
        """Return the part of it that these users wrote."""
        chosen = list(users)
        return Collection(
            {user: self.truth[user] for user in chosen},
            {user: self.posts[user] for user in chosen},
            self.set_aside,
        )


class Located(NamedTuple):
    """A post and where it was read."""

    post: Post
    place: Place


def assemble(
    truth: Mapping[str, tuple[bool, Place]], located: Iterable[Located], set_aside: Counter[str]
) -> Collection:
    """Group posts by user and by time, and hold them against the truth.

    `set_aside` may still be counted up while `located` is read. Raises DuplicateId or TruthMismatch.
    """
    seen: dict[str, Place] = {}
    posts: dict[str, list[Post]] = {user: [] for user in truth}
    for post, place in located:
        if post.id in seen:
            raise DuplicateId(place, seen[post.id])
        if post.user not in posts:
            raise TruthMismatch(place, "a post of a user the golden truth does not name")
        seen[post.id] = place
        posts[post.user].append(post)
    silent = [place for user, (_, place) in truth.items() if not posts[user]]
    if silent:
        raise TruthMismatch(silent[0], f"a user without posts, one of {len(silent)}")
    for of_user in posts.values():
        of_user.sort(key=lambda post: post.created_utc)
    return Collection({user: positive for user, (positive, _) in truth.items()}, posts, dict(set_aside))
