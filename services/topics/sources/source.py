"""The contract of a place where posts are looked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from catenae import TransientError
from services.topics.wanted import FoundPost, Topic


class Gone(NamedTuple):
    """A post that its author has taken away, or, without an id, all posts of an account that is gone."""

    author: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of a search has come to.

    posts    what was found, perhaps again
    gone     what was seen to be taken away
    place    where the next step goes on; any JSON. A search that is opened there repeats none but this step
    is_done  whether all that there was has been looked at; a watch may go on
    """

    posts: Sequence[FoundPost]
    place: Any
    is_done: bool
    gone: Sequence[Gone] = ()


class NotNow(TransientError):
    """A source does not answer, or has no turn; says so in a few fixed words."""


class Reading(Protocol):
    """One search in one source. One thread at a time."""

    def step(self) -> Step:
        """Look further, for about a second at most; raise `NotNow` where that cannot be at the moment."""

    def close(self) -> None:
        """Let go of what the search holds."""


class Source(Protocol):
    """A place where posts are looked for.

    listens  whether a search has to go on after its end to see what is taken away
    """

    @property
    def listens(self) -> bool: ...

    def open(self, topic: Topic, place: Any) -> Reading:
        """Begin a search, or go on at a place."""

    def gone(self, ids: Sequence[str]) -> Sequence[str]:
        """Return which posts, some hundred at most, are no longer there; raise `NotNow`."""
