"""What travels between the stages of the screening: the values of its topics, all keyed by user.

    text_counts → count_changes → tfidf_changes → text_probabilities, user_probabilities → alerts

Arrays travel as packed bytes, little-endian: term ids and counts are 32-bit integers, weights 64-bit floats.
Stages pass on changes, not sums: a message set aside at any stage may be replayed later, in any order, and
every sum is exact again.
"""

from typing import Annotated, NotRequired, TypedDict

from msgspec import Meta

from catenae import CONTROL
from services.reddit.records import NAME_CHARACTERS, SECONDS_BELOW, Kind

# Header of an alert that was opened by some posts of a group, and is not worth a look by all of them.
WITHDRAWN = f"{CONTROL}withdrawn"

Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARACTERS)]
Id = Annotated[str, Meta(min_length=1, max_length=NAME_CHARACTERS + 10)]
Seconds = Annotated[int, Meta(ge=0, lt=SECONDS_BELOW)]
Milliseconds = Annotated[int, Meta(ge=0, lt=SECONDS_BELOW * 1000)]
Probability = Annotated[float, Meta(ge=0.0, le=1.0)]
# Fewer than none where posts are taken away before they come.
Count = Annotated[int, Meta(ge=-(2**53), le=2**53)]


class Change(TypedDict):
    """Which post changes its user's picture; part of the value of every stage.

    kind     "submission" or "comment"
    removed  the post is taken away again
    model    version of the model whose term ids and weights the value speaks of
    """

    user: Name
    post_id: Id
    kind: Kind
    created_utc: Seconds
    removed: bool
    model: Id


def change_of(value: Change) -> Change:
    """Return the part that is common to the values of every stage."""
    # Written out, here and in the stages: to call a TypedDict takes 1.6 µs for eleven fields in place of .6.
    return {
        "user": value["user"],
        "post_id": value["post_id"],
        "kind": value["kind"],
        "created_utc": value["created_utc"],
        "removed": value["removed"],
        "model": value["model"],
    }


class TextCounts(Change):
    """How often each term the model knows occurs in the post; negative where it is removed."""

    terms: bytes  # `counts.pack`: ids, then counts


class CountChange(TextCounts):
    """The same, with what its user had written before."""

    before: bytes  # the user's count of each term, this post left out


class TfidfChange(Change):
    """What the post changes in its user's tf-idf, before it is scaled to unit length.

    ids                  (terms of the post,)
    change               (terms of the post,)  of f·c
    own                  (terms of the post,)  tf-idf of the post by itself, of unit length
    squared_norm_change  of Σ (f·c)² over all terms
    """

    ids: bytes
    change: bytes
    own: bytes
    squared_norm_change: float


class TextProbability(Change):
    """A point of the user's history, and what the post is by itself (which says nothing if it is removed).

    words  [word, what it adds to the post's own score]; the strongest in either direction first
    """

    user_probability: Probability  # after this post
    post_probability: Probability
    words: list[list[str | float]]


class UserProbability(TypedDict):
    """The latest picture of a user, after the post `post_id`."""

    user: Name
    probability: Probability
    threshold: Probability  # from which the model finds a user worth an expert's look
    min_posts: NotRequired[Count]  # fewer are not worth one; 1 where it is not said
    posts: Count
    first_utc: Seconds  # earliest and latest post
    last_utc: Seconds
    last_id: NotRequired[Id]  # of the latest one; of two at the same second, the greater
    strongest: NotRequired[list[list[str | float]]]  # [post_id, what it adds to the log-odds], by some rules
    post_id: Id
    created_utc: Seconds  # of that post
    model: Id


class Alert(TypedDict):
    """A user worth an expert's look, as it was when that was found and as it is now."""

    id: Name  # the user's name: there is one alert per user
    user: Name
    raised_ms: NotRequired[Milliseconds]  # when it was raised, which may be long after the post; new with 0.2
    opened_utc: Seconds  # created_utc of the user's latest post when it was opened
    opened_by: Id  # id of that post
    opened_after: Count  # posts of the user until then, that one included
    threshold: Probability
    updated_utc: Seconds  # created_utc of the latest post
    probability: Probability
    peak_probability: Probability
    posts_since: Count  # posts of the user after the one that opened it
    band: Name  # of `probability`
    model: Id
