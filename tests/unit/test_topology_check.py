import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar, TypedDict

import pytest

from catenae.broker import Input
from catenae.errors import TopologyError
from catenae.message import Message
from catenae.microservice import Leaf, Middle, Server, Source
from catenae.operating.check import check
from catenae.store import Documents, State
from catenae.testing import drain
from catenae.topology.graph import Topology
from catenae.topology.node import Node
from catenae.topology.scale import Scale


class Spring(Source):
    def generate(self, position: Any) -> Iterator[Message | None]:
        yield None


class Fork(Middle):
    ports: ClassVar[Sequence[str]] = ("left", "right")

    def __init__(self, limit: int = 1) -> None:
        self.limit = limit

    def transform(self, message: Message) -> Iterator[Message]:
        yield message


class Sea(Leaf):
    def consume(self, message: Message) -> None:
        pass


class Remembering(Spring):
    def __init__(self, seen: State[int]) -> None:
        self.seen = seen


class Idle(Middle):
    pass


class Later(Middle):
    async def transform(self, message: Message) -> list[Message]:  # type: ignore[override]
        return [message]


@dataclass
class Depth:
    metres: float


class Sounder(Fork):
    ports = ()

    def __init__(self, depths: State[dict[str, Depth | None]]) -> None:
        self.depths = depths


class Tide(TypedDict):
    high: float


class Pilot(Sounder):
    def __init__(self, plain: State[dict[str, tuple[int, ...] | Tide]], of_any: State[Any]) -> None:
        self.plain, self.of_any = plain, of_any


class Diver(Fork):
    ports = ()
    shared_limit = "one air hose"


class Weir(Middle):
    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive(1, to="over")
        yield message.derive(1, None, "under")
        yield message.derive(1) if message.key else message.reject("no key")


class Fall(Weir):
    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive(1)


class Well(Source):
    def generate(self, position: Any) -> Iterator[Message | None]:
        yield Message(1, position=position, port="up")


class Lighthouse(Server):
    pass


class Archive(Leaf):
    def __init__(self, documents: Documents) -> None:
        self.documents = documents

    def consume(self, message: Message) -> None:
        pass


class Keeping(Diver):
    def __init__(self, seen: State[int]) -> None:
        self.seen = seen


SERVICES = (
    Spring,
    Fork,
    Sea,
    Remembering,
    Idle,
    Later,
    Sounder,
    Pilot,
    Diver,
    Weir,
    Fall,
    Well,
    Lighthouse,
    Archive,
    Keeping,
    Tide,
)


@pytest.fixture(autouse=True)
def module(monkeypatch: pytest.MonkeyPatch) -> None:
    """These services, under an import path."""
    river = ModuleType("river")
    vars(river).update({service.__name__: service for service in SERVICES})
    monkeypatch.setitem(sys.modules, "river", river)


SPRING = Node("spring", "river:Spring", writes="water")
FORK = Node("fork", "river:Fork", reads="water", writes={"left": "l", "right": "r"})
SEA = Node("sea", "river:Sea", reads=("l", "r"))


def test_a_node_that_takes_documents_does_not_say_that_it_has_none() -> None:
    (found,) = check(
        Topology("river", nodes=(SPRING, Node("archive", "river:Archive", reads="water", documents={})))
    )

    assert "says documents={}, but Archive takes Documents" in found.text


def test_a_topology_that_agrees_with_its_code_has_no_findings() -> None:
    lighthouse = Node("lighthouse", "river:Lighthouse")

    pilot = Node("pilot", "river:Pilot", reads="water", writes="l")

    assert check(Topology("river", nodes=(SPRING, FORK, SEA, lighthouse, pilot))) == []


@pytest.mark.parametrize(
    ("node", "found"),
    [
        (Node("x", "river:Sae", reads="water"), "module 'river' has no 'Sae'; did you mean 'Sea'"),
        (Node("x", "rivers:Sea", reads="water"), "there is no module 'rivers'"),
        (Node("x", "river:Spring", reads="water", writes="w"), "reads water, but Spring is a Source"),
        (Node("x", "river:Spring"), "writes nothing, but Spring is a Source"),
        (Node("x", "river:Sea"), "reads nothing, but Sea is a Leaf"),
        (Node("x", "river:Lighthouse", writes="w"), "writes w, but Lighthouse is a Server"),
        (Node("x", "river:Sea", reads="water", writes="w"), "writes w, but Sea is a Leaf"),
        (Node("x", "river:Idle", reads="water", writes="w"), "Idle has no method 'transform'"),
        (Node("x", "river:Later", reads="water", writes="w"), "transform of Later is an async def"),
        (Node("x", "river:Sounder", reads="water", writes="w"), "keeps Depth in State 'depths'"),
        (Node("x", "river:Remembering", writes="w"), "is a Source with State (seen)"),
        (Node("x", "river:Fork", reads="water", writes="w"), "Fork has ports 'left', 'right'"),
        (Node("x", "river:Fork", reads="water", writes={"left": "w"}), "leaves out port 'right' of Fork"),
        (
            Node("x", "river:Fork", reads="water", writes={"left": "w", "right": "w", "up": "w"}),
            "writes port 'up', which Fork does not have",
        ),
        (
            Node("x", "river:Weir", reads="water", writes={"over": "w", "down": "w"}),
            "does not write port 'under', to which Weir yields; its ports: 'down', 'over'",
        ),
        (Node("x", "river:Well", writes="w"), "writes one topic, but Well yields to port 'up'"),
        (
            Node("x", "river:Fall", reads="water", writes={"over": "w", "under": "w"}),
            "has ports 'over', 'under', but Fall yields a message to none of them; name one",
        ),
        (
            Node("x", "river:Fork", reads="water", writes={"left": "w", "right": "w"}, options={"limits": 1}),
            "has option 'limits', which Fork does not take; did you mean 'limit'",
        ),
        (
            Node("x", "river:Sea", reads="water", input_mode="river:Tides"),
            "cannot use its input_mode: module 'river' has no 'Tides'",
        ),
        (
            Node("x", "river:Sea", reads="water", input_mode="river:Tide"),
            "cannot use its input_mode: 'river:Tide' is no input mode; derive it from InputMode",
        ),
        (
            Node("x", "river:Diver", reads="water", writes="w", scale=Scale()),
            "all instances of Diver share one air hose: more of them do no more",
        ),
    ],
)
def test_a_node_that_disagrees_with_its_service_is_told(node: Node, found: str) -> None:
    external = sorted({"water", *node.outputs.values()})

    findings = check(Topology("river", nodes=(SPRING, SEA_OF_WATER, node), external=external))

    assert [(each.severity, found in each.text) for each in findings] == [("error", True)]
    assert findings[0].text.startswith("node 'x' ")


def test_state_does_not_join_topics_of_unequal_partitions() -> None:
    joined = Node("x", "river:Pilot", reads=("water", "rain"), writes="w")
    plain = Node("sea", "river:Sea", reads=("water", "rain"))
    topology = Topology("river", nodes=(joined, plain), external={"water": 3, "rain": 6, "w": 3})

    (finding,) = check(topology)

    assert "node 'x' joins topics of unequal partitions by State: 'water' has 3, 'rain' has 6" in finding.text
    with pytest.raises(TopologyError, match="'x' joins topics of unequal partitions"):
        drain(topology)


SEA_OF_WATER = Node("sea", "river:Sea", reads="water")


def test_every_mistake_is_told_at_once_errors_first() -> None:
    nodes = (
        SPRING,
        Node("a", "river:Sae", reads="water"),
        Node("b", "river:Idle", reads="water", writes="lost"),
    )

    severities = [each.severity for each in check(Topology("river", nodes=nodes))]

    assert severities == ["error", "error", "warning"]


def test_a_topic_that_nobody_reads_is_warned_of() -> None:
    (finding,) = check(Topology("river", nodes=(SPRING,)))

    assert str(finding).startswith("warning: topic 'water' is written by spring and read by nobody")


@pytest.mark.parametrize(
    ("replicas", "told"), [(1, ""), (12, ""), (13, "12 do as much; take 12, or 24"), (24, "")]
)
def test_replicas_that_relieve_nobody_are_warned_of(replicas: int, told: str) -> None:
    fork = Node("fork", "river:Diver", reads="water", writes="l", replicas=replicas)
    findings = check(Topology("river", partitions=24, external=("water", "l"), nodes=(fork,)))

    assert [(each.severity, told in each.text) for each in findings] == [("warning", True)] * bool(told)


@pytest.mark.parametrize(
    ("delay_s", "personal", "told"),
    [(60, {"visits": "who"}, "forgotten right after"), (60, {}, ""), (0, {"visits": "who"}, "")],
)
def test_where_forgetting_meets_a_delayed_input_is_warned_of(
    delay_s: float, personal: dict[str, str], told: str
) -> None:
    late = Node("late", "river:Diver", reads=Input("water", delay_s=delay_s), writes="w")
    keeping = Node("keeping", "river:Keeping", reads="w", writes="l")
    sea = Node("sea", "river:Sea", reads="l", personal=personal)

    findings = check(Topology("river", external=("water",), nodes=(late, keeping, sea)))

    assert [(each.severity, told in each.text) for each in findings] == [("warning", True)] * bool(told)
    assert not told or "'water' 60 s late" in findings[0].text
    assert not told or "kept in keeping, sea, and" in findings[0].text
