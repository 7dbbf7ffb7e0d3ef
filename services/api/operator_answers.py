"""What the API answers to operators and managers: topology, figures, models, dead letters, the audit log."""

from enum import StrEnum
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from services.api.answers import Counts

T = TypeVar("T")


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
