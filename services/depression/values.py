"""What travels between the stages of the screening: the values of its topics, all keyed by user.

    text_counts → count_changes → tfidf_changes → text_probabilities, user_probabilities → alerts

Arrays travel as packed bytes, little-endian: term ids and counts are 32-bit integers, weights 64-bit floats.
Stages pass on changes, not sums: a message set aside at any stage may be replayed later, in any order, and
every sum is exact again.
"""

from typing import TypedDict


class Change(TypedDict):
    """Which post changes its user's picture; part of the value of every stage.

    kind     "submission" or "comment"
    removed  the post is taken away again
    model    version of the model whose term ids and weights the value speaks of
    """

    user: str
    post_id: str
    kind: str
    created_utc: int  # seconds
    removed: bool
    model: str


def change_of(value: Change) -> Change:
    """Return the part that is common to the values of every stage."""
    return Change(
        user=value["user"],
        post_id=value["post_id"],
        kind=value["kind"],
        created_utc=value["created_utc"],
        removed=value["removed"],
        model=value["model"],
    )


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

    user_probability: float  # after this post
    post_probability: float
    words: list[list[str | float]]


class UserProbability(TypedDict):
    """The latest picture of a user, after the post `post_id`."""

    user: str
    probability: float
    threshold: float  # from which the model finds a user worth an expert's look
    posts: int
    first_utc: int  # seconds, earliest and latest post
    last_utc: int
    post_id: str
    created_utc: int  # of that post
    model: str


class Alert(TypedDict):
    """A user worth an expert's look, as it was when that was found and as it is now."""

    id: str  # the user's name: there is one alert per user
    user: str
    opened_utc: int  # created_utc of the post that opened it
    opened_by: str  # id of that post
    opened_after: int  # posts of the user until then, that one included
    threshold: float
    updated_utc: int  # created_utc of the latest post
    probability: float
    peak_probability: float
    posts_since: int  # posts of the user after the one that opened it
    band: str  # of `probability`
    model: str
