"""What an ONNX file may hold: nothing of anybody's own but numbers, and those in it."""

from random import Random

import pytest

from services.classifiers.encoders.onnx_graph import require_plain
from tests.unit.classifiers.onnx_files import (
    ATTRIBUTE,
    DOMAIN,
    FUNCTION,
    GRAPH,
    OPSET,
    field,
    graph,
    node,
    onnx,
    tensor,
)

OWN = field(DOMAIN, "somebody.example")
ELSEWHERE = field(13, field(1, "location") + field(2, "/etc/passwd"))


def within(attribute: bytes) -> bytes:
    """Return a file whose node has an attribute."""
    return onnx(of=graph(nodes=node(field(ATTRIBUTE, attribute))))


def nested(depth: int) -> bytes:
    inner = graph()
    for _ in range(depth):
        inner = graph(nodes=node(field(ATTRIBUTE, field(6, inner))))
    return onnx(of=inner)


def test_a_plain_graph_is_let_pass() -> None:
    require_plain(onnx())
    require_plain(onnx(of=graph(nodes=node(field(DOMAIN, "ai.onnx"), field(ATTRIBUTE, field(6, graph()))))))


HOSTILE = {
    "an operator of its own": (
        onnx(of=graph(nodes=node(OWN))),
        "own, of 'somebody.example'",
    ),
    "a set of operators": (onnx(field(OPSET, field(1, "somebody.example"))), "operators of its own"),
    "an operator in an inner graph": (within(field(6, graph(nodes=node(OWN)))), "operators of its own"),
    "one of several inner graphs": (within(field(11, graph(nodes=node(OWN)))), "operators of its own"),
    "a function": (onnx(field(FUNCTION, field(1, "f"))), "a function of its own"),
    "numbers elsewhere": (onnx(of=graph(table=tensor(ELSEWHERE))), "kept in another file"),
    "a place elsewhere": (onnx(of=graph(table=tensor(field(14, 1)))), "kept in another file"),
    "an attribute elsewhere": (within(field(5, tensor(ELSEWHERE))), "kept in another file"),
    "attributes elsewhere": (within(field(10, tensor(ELSEWHERE))), "kept in another file"),
    "sparse numbers": (onnx(of=graph(field(15, tensor(ELSEWHERE)))), "sparse numbers"),
    "a sparse attribute": (within(field(22, tensor(ELSEWHERE))), "sparse numbers"),
    "no graph": (field(1, 8), "0 graphs"),
    "two graphs": (onnx(field(GRAPH, graph())), "2 graphs"),
    "graphs without end": (nested(20), "too deep"),
    "a text": (b"an encoder", "no ONNX"),
    "a graph that is a number": (field(GRAPH, 7), "no ONNX"),
    "a length beyond the end": (b"\x3a\xff\xff\xff\x7f", "no ONNX"),
    "a number without end": (b"\x08" + b"\xff" * 40, "no ONNX"),
    "nothing": (b"", "0 graphs"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_not_plain_is_refused(what: str) -> None:
    content, found = HOSTILE[what]

    with pytest.raises(ValueError, match=found):
        require_plain(content)


@pytest.mark.lengthy
def test_a_file_that_was_meddled_with_ends_in_nothing_but_a_refusal() -> None:
    whole = onnx(of=graph(nodes=node(field(ATTRIBUTE, field(6, graph())))))
    passed = 0
    for seed in range(3000):
        random, content = Random(seed), bytearray(whole)
        for _ in range(random.randint(1, 5)):
            content[random.randrange(len(content))] = random.randrange(256)
        try:
            require_plain(bytes(content))
        except ValueError:
            continue
        passed += 1

    assert 0 < passed < 3000
