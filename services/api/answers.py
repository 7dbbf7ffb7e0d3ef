"""What the API answers, as the OpenAPI description has it.

Times: `…_utc` whole seconds, of posts; `…_ms` whole milliseconds, of what people and machines did.
"""

from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from services.api.review_answers import Conflict, ShareAnswer
from services.api.review_record import Shelf

T = TypeVar("T")


class Role(StrEnum):
    """Who may do what: each all that the ones before may."""

    REVIEWER = "reviewer"
    CURATOR = "curator"
    ADMINISTRATOR = "administrator"


class Label(StrEnum):
    """What an expert says of an alert."""

    RISK = "risk"
    NO_RISK = "no_risk"


class Listed(BaseModel, Generic[T]):
    """A part of a list; `cursor` opens the next one and is null after the last.

    `left_out` says how many documents there are in this part that hold something else than they must.
    """

    items: list[T]
    cursor: str | None
    left_out: int = 0


class Why(StrEnum):
    """Why an alert has come back after it was reviewed."""

    RISEN = "risen"
    BAND = "band"
    POSTS = "posts"
    DATE = "date"


class AgainAnswer(BaseModel):
    """That an alert has come back, when and why, and how it was when reviewed; null where that is kept."""

    at_ms: int
    why: Why | None
    probability: float | None
    posts: int | None


class AlertAnswer(BaseModel):
    """A user worth an expert's look, and what experts have said.

    raised_ms       when it was raised; the post that raised it, of opened_utc, may be years older
    shelf           what the reviews come to; `label` is the same, and null where they come to neither
    labelled_by     whose word it was that put the case there
    reviewed_by     the same, or who hid it: for clients of the time when there was one field for both
    review_version  how many reviews there are, as `ETag` and `If-Match` have it
    is_blind        whether what the model says is kept from who asks until they have said what they find:
                    then its fields are null
    is_alone        whether what colleagues find is kept from who asks until they have said what they find
    is_done         whether it has no label yet, and waits for others than who asks
    opinions        how many say something of the case now
    again           set where it has come back since it was reviewed
    snoozed_ms      when it comes back in any case, and not before
    leased_by       who works on it, until leased_ms unless they go on
    """

    user: str
    label: Label | None
    shelf: Shelf | None
    is_hidden: bool
    labelled_by: str | None
    labelled_ms: int | None
    hidden_by: str | None
    hidden_ms: int | None
    review_version: int
    reviewed_by: str | None
    reviewed_ms: int | None
    raised_ms: int
    opened_utc: int
    opened_by: str | None
    opened_after: int
    threshold: float
    updated_utc: int
    probability: float | None
    peak_probability: float | None
    posts_since: int
    band: str | None
    model: str
    changed_ms: int
    is_blind: bool
    is_alone: bool
    is_done: bool
    opinions: int
    again: AgainAnswer | None
    snoozed_ms: int | None
    leased_by: str | None
    leased_ms: int | None


class NextAnswer(BaseModel):
    """The case that the queue gives; null if none is left for who asks."""

    alert: AlertAnswer | None


class LeaseAnswer(BaseModel):
    """Who works on a case, and until when unless they go on."""

    account: str
    until_ms: int
    is_mine: bool


class PrecedentsAnswer(BaseModel):
    """How cases in the same band were judged: of `cases` that are risk or no risk, `confirmed` are risk."""

    band: str
    cases: int
    confirmed: int
    share: ShareAnswer | None


class Counts(BaseModel):
    """Alerts by what experts have said; `hidden` is of what is hidden, `again` of some others as well."""

    unlabelled: int
    risk: int
    no_risk: int
    unsure: int
    disputed: int
    hidden: int
    again: int


class UserAnswer(BaseModel):
    """The latest picture of a user; `is_blind` as for alerts: then the probability is null."""

    user: str
    probability: float | None
    threshold: float
    posts: int
    first_utc: int
    last_utc: int
    model: str
    has_alert: bool
    label: Label | None
    is_blind: bool


class ForgetAnswer(BaseModel):
    """A request to forget a user, and how far it is."""

    user: str
    status: str
    requested_ms: int
    requested_by: str
    done_ms: int | None


class UserDetail(UserAnswer):
    """A user with the alert, if there is one."""

    alert: AlertAnswer | None
    submissions: int
    comments: int
    forget: ForgetAnswer | None


class PostAnswer(BaseModel):
    """A post as it was written, with what the model makes of it; null where it has not been scored."""

    id: str
    kind: str
    subreddit: str
    created_utc: int
    title: str
    body: str
    permalink: str
    post_probability: float | None
    user_probability: float | None
    words: list[tuple[str, float]]
    model: str | None
    is_trigger: bool


class Course(BaseModel):
    """A user's probability over time, oldest first.

    points  [created_utc, probability, post id, index into `models`]
    """

    user: str
    threshold: float
    total: int
    is_downsampled: bool
    trigger: str | None
    points: list[tuple[int, float, str, int]]
    models: list[str]


class WordShare(BaseModel):
    """A word: its share of all that words add, below 0 where it lowers, and in how many posts it does."""

    word: str
    share: float
    posts: int


class UserWords(BaseModel):
    """The words that carry what the model makes of a user, the strongest first, of so many posts."""

    posts: int
    words: list[WordShare]


class DatasetAnswer(BaseModel):
    """A dataset that can be downloaded."""

    label: str
    users: int


class Datasets(BaseModel):
    """All datasets, and the formats they come in."""

    datasets: list[DatasetAnswer]
    formats: list[str]


class ProblemAnswer(BaseModel):
    """What went wrong, after RFC 9457; `last` where somebody was faster."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = Field(default=[])
    last: Conflict | None = None
