from typing import Any

import pytest

from catenae.broker import Input
from catenae.errors import TopologyError
from catenae.retry import Retry
from catenae.topology.node import Node, Resources
from catenae.topology.scale import Scale


def test_what_a_node_reads_and_writes_comes_in_one_form() -> None:
    single = Node("a", "m:A", reads="texts", writes="counts")
    several = Node("b", "m:B", reads=["texts", Input("again", delay_s=60)], writes={"good": "x", "bad": "y"})

    assert (single.inputs, single.outputs) == ((Input("texts"),), {"": "counts"})
    assert several.inputs == (Input("texts"), Input("again", 60))
    assert several.outputs == {"good": "x", "bad": "y"}


def test_timers_come_first_unless_they_are_named_elsewhere() -> None:
    first = Node("a", "m:A", reads=("texts", "more"), timers="due")
    last = Node("a", "m:A", reads=("texts", "more", "due"), timers="due")

    assert [each.topic for each in first.inputs] == ["due", "texts", "more"]
    assert [each.topic for each in last.inputs] == ["texts", "more", "due"]


def test_a_node_that_reads_nothing_is_a_source() -> None:
    assert Node("a", "m:A", writes="texts").is_source
    assert not Node("b", "m:B", reads="texts").is_source


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"name": "Text-Vectoriser"}, "needs another name"),
        ({"name": "a" * 64}, "needs another name"),
        ({"service": "services.text.Vectoriser"}, "write it as 'package.module:Class'"),
        ({"extras": "reddit"}, "has extras='reddit'; list names"),
        ({"extras": ["Reddit!"]}, "list names of lower-case letters"),
        ({"replicas": 0}, "has replicas=0; it needs a whole number of at least 1"),
        ({"replicas": True}, "has replicas=True"),
        ({"retry": 3}, "has retry=3; give it a Retry("),
        ({"batch_records": 2.5}, "has batch_records=2.5"),
        ({"input_mode": "exponental"}, "did you mean 'exponential'"),
        ({"on_error": "ignore"}, "known: dead-letter, stop"),
        ({"reads": Input("texts", delay_s=-1)}, "with delay_s=-1; it needs seconds, 0 or more"),
        ({"reads": Input("texts", delay_s=float("nan"))}, "with delay_s=nan"),
        ({"reads": ("texts", "texts")}, "reads topic 'texts' twice"),
        ({"reads": "some texts"}, "reads topic 'some texts', which needs another name"),
        ({"writes": "x" * 201}, "which needs another name"),
        ({"writes": {"to": 7}}, "writes 7, which is no topic"),
        ({"writes": {"To": "x"}}, "writes port 'To', which needs another name"),
        ({"reads": ("texts", Input("t", delay_s=1)), "timers": "t"}, "reads its timers 't' with a delay"),
        ({"files": {"/var/bills": "write"}}, "files['/var/bills'], which is not in the data folder"),
        ({"files": {"data/../bills": "write"}}, "files['data/../bills'], which is not in the data folder"),
        ({"files": {"data/bills": "add"}}, "has files['data/bills']='add'; known: read, write"),
        ({"reads": (), "concurrency": 2}, "has concurrency=2, but reads nothing"),
        ({"reads": (), "writes": "x", "scale": Scale()}, "has scale=, but reads nothing"),
        ({"scale": 3}, "has scale=3; give it a Scale("),
    ],
)
def test_a_node_that_contradicts_itself_is_refused(fields: dict[str, Any], found: str) -> None:
    with pytest.raises(TopologyError) as raised:
        Node(**{"name": "a", "service": "m:A", "reads": "texts"} | fields)

    assert found in str(raised.value)
    assert str(raised.value).startswith(f"node {fields.get('name', 'a')!r} ")


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"least": 0}, "has least=0; it needs a whole number"),
        ({"most": True}, "has most=True"),
        ({"least": 3, "most": 2}, "least=3 and most=2; turn them round"),
        ({"target": 0}, "target=0; it needs a share above 0"),
        ({"target": float("nan")}, "target=nan"),
    ],
)
def test_a_scale_that_cannot_be_is_refused(fields: dict[str, Any], found: str) -> None:
    with pytest.raises(TopologyError, match=found):
        Scale(**fields)


def test_resources_are_more_than_nothing() -> None:
    with pytest.raises(TopologyError, match="cpus=0"):
        Resources(cpus=0)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"first_pause_s": 0}, "it needs seconds above 0"),
        ({"first_pause_s": 2.0, "longest_pause_s": 1.0}, "the longest no shorter than the first"),
        ({"longest_pause_s": float("inf")}, "longest_pause_s=inf"),
        ({"attempts": 0}, "has attempts=0; it needs a whole number above 0, or None for ever"),
        ({"attempts": True}, "has attempts=True"),
    ],
)
def test_a_retry_that_cannot_be_is_refused(fields: dict[str, Any], found: str) -> None:
    with pytest.raises(TopologyError) as raised:
        Retry(**fields)

    assert found in str(raised.value)


def test_the_pauses_of_endless_attempts_stay_the_longest() -> None:
    assert [Retry(attempts=None).pause_s(attempt) for attempt in (1, 6, 7, 10**6)] == [0.1, 3.2, 5.0, 5.0]
