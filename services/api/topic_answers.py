"""What the API takes and answers about topics."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.api.review_answers import ShareAnswer
from services.reddit.records import SECONDS_BELOW
from services.topics.tally import Label
from services.topics.wanted import MOST_POSTS, SourceName, State

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
Code = Annotated[str, Field(min_length=2, max_length=100, pattern=r"^[^\x00]+$")]
Utc = Annotated[int, Field(ge=0, lt=SECONDS_BELOW)]
# What is done with a search: it rests, goes on where it was, or begins anew.
TopicAct = Literal["stop", "go on", "anew"]


class NewTopic(BaseModel):
    """A search to begin: words that each post must hold, and what narrows it."""

    query: Text
    sources: list[SourceName] = Field(min_length=1, max_length=4)
    languages: list[Code] = Field(default=[], max_length=20)
    places: list[Code] = Field(default=[], max_length=50)
    from_utc: Utc | None = None
    until_utc: Utc | None = None
    most: int = Field(default=1000, ge=1, le=MOST_POSTS)
    is_watch: bool = False


class TopicChange(BaseModel):
    """What is to be done with a search; `is_watch` is left as it is where it is null."""

    act: TopicAct | None = None
    is_watch: bool | None = None


class TopicSourceAnswer(BaseModel):
    """How far a search is in one source; `problem` says in a few words why nothing comes at the moment."""

    name: SourceName
    found: int
    is_done: bool
    problem: str


class SearchAnswer(BaseModel):
    """A search, and how far it is: of `most` posts it has found some, of which `judged` are counted."""

    id: str
    query: str
    sources: list[TopicSourceAnswer]
    languages: list[str]
    places: list[str]
    from_utc: int | None
    until_utc: int | None
    most: int
    is_watch: bool
    state: State
    found: int
    judged: int
    created_ms: int
    created_by: str
    changed_ms: int | None


class SearchesAnswer(BaseModel):
    """All searches, the newest first, and what can be searched here at the moment."""

    topics: list[SearchAnswer]
    sources: list[SourceName]
    left_out: int


class LabelCounts(BaseModel):
    """How many posts of each class."""

    signs: int
    no_signs: int
    not_sure: int


class TopicMoment(LabelCounts):
    """Posts from a time on; `share` of those with signs among all, null where there is none."""

    at_utc: int
    share: ShareAnswer | None


class TopicValue(LabelCounts):
    """Posts of a place, with a hashtag, in a language, from a source; "" where that is unknown."""

    value: str


class TopicWord(BaseModel):
    """A word: how many posts with signs and how many without hold it, and how telling it is, z."""

    word: str
    signs: int
    no_signs: int
    z: float


class TopicWords(BaseModel):
    """Words of one class, the first the most frequent, or the most telling."""

    frequent: list[TopicWord]
    telling: list[TopicWord]


class TopicCounts(BaseModel):
    """What the posts of a search come to.

    posts     how many are counted
    is_whole  whether all are: else only as many of them as are read for one answer
    step_s    how long each of `moments` lasts
    """

    posts: int
    is_whole: bool
    labels: LabelCounts
    share: ShareAnswer | None
    step_s: int
    moments: list[TopicMoment]
    places: list[TopicValue]
    languages: list[TopicValue]
    sources: list[TopicValue]
    hashtags: list[TopicValue]
    signs: TopicWords
    no_signs: TopicWords


class TopicPostAnswer(BaseModel):
    """A post that was found, and what a model says of it. Its author has a pseudonym.

    words  [word, what it weighs in log-odds], the strongest in either direction first
    """

    id: str
    author: str
    created_utc: int
    title: str
    body: str
    source: SourceName
    language: str
    stated: str
    place: str
    hashtags: list[str]
    label: Label
    probability: float
    threshold: float
    words: list[tuple[str, float]]
    model: str
