"""What the API answers, as the OpenAPI description has it.

Times: `…_utc` whole seconds, of posts; `…_ms` whole milliseconds, of what people and machines did.
"""

from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

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


class OtherSession(BaseModel):
    """A session of the same account elsewhere: when it began and when it was used last, to a minute."""

    begun_ms: int
    seen_ms: int


class OtherSessions(BaseModel):
    """All of them, the one that was used last first."""

    sessions: list[OtherSession]


class Listed(BaseModel, Generic[T]):
    """A part of a list; `cursor` opens the next one and is null after the last.

    `left_out` says how many documents there are in this part that hold something else than they must.
    """

    items: list[T]
    cursor: str | None
    left_out: int = 0


class SignInMethods(BaseModel):
    """How people may sign in; `oidc` is the path to go to for that, null where there is none."""

    password: bool
    oidc: str | None


class SessionAnswer(BaseModel):
    """Who is signed in, until when at most, and whether by a password, which can then be changed.

    must_enrol  whether they can do nothing else until they have set up a second factor
    is_blind    whether this project shows scores of a person to who has said what they find, and nobody else
    opinions    how many are to judge a case, none knowing what the others found
    """

    name: str
    role: Role
    expires_ms: int
    has_password: bool
    must_enrol: bool
    is_blind: bool
    opinions: int


class SecondFactorAnswer(BaseModel):
    """Whether codes are asked for beside the password, and how many recovery codes there still are."""

    is_on: bool
    recovery_codes: int


class OfferedFactor(BaseModel):
    """A secret that a device is to know, and the address by which it takes it; shown this once."""

    secret: str
    uri: str


class NewRecoveryCodes(BaseModel):
    """Each opens the account once in place of a code; shown this once."""

    codes: list[str]


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


class NodeFigures(BaseModel):
    """How a node of the topology stands; rates are of the last seconds, null where it reads nothing.

    restarts  how often an instance was started anew, or came back after silence, while this server looked
    """

    name: str
    running: int
    in_per_s: float | None
    out_per_s: float
    lag: int | None
    dead_letters: int
    restarts: int
    restarted_ms: int | None


class ScreeningState(StrEnum):
    """Whether posts get on: nothing waits, some do and are handled, some do and are not, nobody is there."""

    READY = "ready"
    WORKS = "works"
    STANDS = "stands"
    OFF = "off"


class ScreeningAnswer(BaseModel):
    """How the screening gets on, by what its nodes have done.

    waiting   messages that wait for its nodes
    nodes     those for which messages wait and which have handled none for a while
    since_ms  since when the first of them has handled none
    """

    state: ScreeningState
    waiting: int
    nodes: list[str]
    since_ms: int | None


class StatisticsAnswer(BaseModel):
    """How much there is, and how fast it comes."""

    at_ms: int
    posts: int
    users: int
    alerts: Counts
    posts_per_s: float
    users_per_min: float
    screening: ScreeningAnswer
    nodes: list[NodeFigures]


class NodeHistory(BaseModel):
    """What a node did, one value a step; null where nothing is known of it."""

    name: str
    in_per_s: list[float | None]
    out_per_s: list[float | None]
    lag: list[int | None]


class StatisticsHistory(BaseModel):
    """The last minutes, one value a step."""

    step_s: float
    at_ms: list[int]
    posts_per_s: list[float]
    users_per_min: list[float]
    nodes: list[NodeHistory]


class Output(BaseModel):
    """A topic that a node writes, by the port it writes to."""

    port: str
    topic: str


class NodeAnswer(NodeFigures):
    """A node in its place in the graph."""

    service: str
    kind: Literal["source", "middle", "leaf", "server"]
    replicas: int
    reads: list[str]
    writes: list[Output]
    last_error: str | None
    paused_until_ms: int | None


class InstanceAnswer(BaseModel):
    """What an instance says to what was asked of it; null where it has not answered in time."""

    instance: str
    is_done: bool
    effect: str | None


class AskedAnswer(BaseModel):
    """What has come of asking the instances of a node."""

    is_done: bool
    instances: list[InstanceAnswer]


class TopicAnswer(BaseModel):
    """A topic, and how many records it holds now."""

    name: str
    records: int
    is_external: bool


class TopologyAnswer(BaseModel):
    """The graph that runs."""

    name: str
    partitions: int
    nodes: list[NodeAnswer]
    topics: list[TopicAnswer]


class ModelAnswer(BaseModel):
    """A version of the model that is there to be used.

    about  signs of what it looks for
    card   what is to be known of it before it is relied on, in Markdown
    """

    version: str
    about: str
    card: str
    is_current: bool
    users: int | None
    terms: int | None
    threshold: float
    f1: float | None


class Versions(BaseModel):
    """What code and which models run."""

    code: str
    models: list[ModelAnswer]
    note: str


class DeadLetterCount(BaseModel):
    """How many dead letters of a topic wait for one reason."""

    topic: str
    reason: str
    node: str
    letters: int


class DeadLetterAnswer(BaseModel):
    """A message that was set aside; key and value only where they were asked for."""

    partition: int
    offset: int
    at_ms: int
    reason: str
    node: str
    traceback: str | None
    key: str | None
    value: Any


class Replayed(BaseModel):
    """How many dead letters went back."""

    replayed: int


class AuditEvent(BaseModel):
    """Something that somebody did; the subject is a pseudonym."""

    at_ms: int
    account: str
    action: str
    subject: str | None
    detail: dict[str, Any]


class ProblemAnswer(BaseModel):
    """What went wrong, after RFC 9457; `last` where somebody was faster."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = Field(default=[])
    last: Conflict | None = None
