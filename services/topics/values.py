"""What travels between the nodes of the topic tool."""

from typing import Annotated, Any, NotRequired, TypedDict

from msgspec import Meta

from services.depression.values import Id, Name, Probability, Seconds
from services.reddit.records import Kind
from services.topics.tally import Label
from services.topics.wanted import SourceName

Code = Annotated[str, Meta(max_length=100)]
# Of an author's own; what others put on the topic of a network may be as long as it takes.
Written = Annotated[str, Meta(max_length=2**22)]


class TopicPost(TypedDict):
    """A post of a search, and what a classifier says of it; keyed by author, and so the document of it.

    id        of the search and the post: `wanted.post_key`
    place     code of a place, its country alone beside it for lists
    words     [word, what it weighs in log-odds], the strongest in either direction first
    """

    id: str
    topic: str
    post_id: Id
    author: Name
    kind: Kind
    created_utc: Seconds
    subreddit: Written
    title: Written
    body: Written
    permalink: Written
    generated: NotRequired[bool]
    source: SourceName
    language: Code
    stated: Written
    place: Code
    country: Code
    hashtags: list[str]
    label: Label
    probability: Probability
    threshold: Probability
    words: list[list[str | float]]
    model: Id


class Removal(TypedDict):
    """A post that is to be taken away, keyed by author.

    topic  from which search; from all where it is ""
    id     of the post; "" for all of the author
    """

    topic: str
    author: Name
    id: str
    removed: bool


class CountChange(TypedDict):
    """What a post adds to its search, or takes from it; keyed by the search.

    facts  as `tally.Facts`
    by     1 or -1
    once   of a change that may come twice, and counts once: what tells it from others
    """

    facts: list[Any]
    by: int
    once: NotRequired[Code]


class CountPart(TypedDict):
    """A part of the counts of a search, keyed by the search: a document that is whole.

    id    of the search and the part
    part  as `tally.bucket` names it
    rows  [value, of each class how many posts]
    """

    id: str
    topic: str
    part: str
    rows: list[list[Any]]
