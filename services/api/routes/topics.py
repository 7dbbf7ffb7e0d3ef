"""Topics: searches for posts, what they come to, and the posts themselves under pseudonyms."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from services.api.access import Curator, Reviewer
from services.api.answers import Listed
from services.api.collaborators import Collaborators, Here
from services.api.paging import Part
from services.api.problems import Problem, described
from services.api.routes.parameters import NO_NUL
from services.api.topic_answers import (
    NewTopic,
    SearchAnswer,
    SearchesAnswer,
    TopicChange,
    TopicCounts,
    TopicPostAnswer,
)
from services.api.topics import Wish, word_of
from services.reddit.records import SECONDS_BELOW
from services.topics.tally import Label
from services.topics.wanted import SourceName

router = APIRouter(prefix="/topics", tags=["topics"])

ABSENT = described(404)
Topic = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[0-9a-z]+$")]
Utc = Annotated[int | None, Field(ge=0, lt=SECONDS_BELOW)]


class WishQuery(Part):
    """Which posts of a search are wanted: a place, a language "" is an unknown one."""

    label: Label | None = None
    place: str | None = Field(default=None, max_length=100)
    language: str | None = Field(default=None, max_length=10)
    source: SourceName | None = None
    from_utc: Utc = None
    until_utc: Utc = None
    word: str = Field(default="", max_length=100, pattern=NO_NUL)
    hashtag: str = Field(default="", max_length=100, pattern=NO_NUL)

    def wish(self) -> Wish:
        """Return which posts these are."""
        wanted = self.model_dump(exclude={"limit", "cursor"})
        return Wish(**{**wanted, "word": word_of(self.word), "hashtag": word_of(self.hashtag)})


Wanted = Annotated[WishQuery, Query()]


@router.get("")
def find(_: Reviewer, here: Here) -> SearchesAnswer:
    """List the searches, the newest first, with how far each is."""
    return here.topics.all()


@router.post("", status_code=201)
def begin(new: NewTopic, session: Reviewer, here: Here) -> SearchAnswer:
    """Begin a search."""
    begun = here.topics.begin(new, session.name)
    here.audit.note(session.name, "topic begun", topic=begun.id)
    return begun


@router.get("/{topic}", responses=ABSENT)
def show(topic: Topic, _: Reviewer, here: Here) -> SearchAnswer:
    """Show a search and how far it is."""
    return _found(topic, here)


@router.put("/{topic}", responses=ABSENT)
def change(topic: Topic, wanted: TopicChange, session: Reviewer, here: Here) -> SearchAnswer:
    """Have a search rest, go on, or begin anew; keep it as a watch, or not."""
    _found(topic, here)
    here.audit.note(session.name, "topic changed", topic=topic, act=wanted.act, is_watch=wanted.is_watch)
    here.topics.change(topic, wanted.act, is_watch=wanted.is_watch)
    return _found(topic, here)


@router.delete("/{topic}", status_code=202, responses=ABSENT)
def forget(topic: Topic, session: Curator, here: Here) -> None:
    """Forget a search and all that it has found."""
    _found(topic, here)
    here.audit.note(session.name, "topic forgotten", topic=topic)
    here.topics.forget(topic)


@router.get("/{topic}/counts", responses=ABSENT)
def counts(topic: Topic, wanted: Wanted, _: Reviewer, here: Here) -> TopicCounts:
    """Say what the posts come to: of a search as a whole, or those of a place, a time, a word; any class."""
    _found(topic, here)
    return here.topics.counts(topic, wanted.wish()._replace(label=None))


@router.get("/{topic}/posts", responses=ABSENT)
def posts(topic: Topic, wanted: Wanted, session: Reviewer, here: Here) -> Listed[TopicPostAnswer]:
    """List the posts, the most probable first, under pseudonyms."""
    _found(topic, here)
    here.audit.note(session.name, "topic posts seen", topic=topic)
    return here.topics.posts(topic, wanted.wish(), wanted)


def _found(topic: str, here: Collaborators) -> SearchAnswer:
    found = here.topics.get(topic)
    if found is None:
        raise Problem(404, "There is no such search.")
    return found
