"""ONNX files written by hand, field by field: small ones, and such as nobody should run."""

import numpy as np

WORDS = ("[UNK]", "so", "sad", "tea")
POINTS = np.array([[0, 0, 1], [1, 0, 0], [0, 2, 0], [3, 0, 4]], np.float32)

NODE, INITIALIZER, INPUT, OUTPUT = 1, 5, 11, 12
ATTRIBUTE, DOMAIN = 5, 7
GRAPH, OPSET, FUNCTION = 7, 8, 25


def field(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def node(*more: bytes) -> bytes:
    """Return a node that looks points up by the numbers of words."""
    names = field(1, "table") + field(1, "input_ids") + field(2, "points")
    return names + field(4, "Gather") + b"".join(more)


def tensor(*more: bytes) -> bytes:
    rows, dimensions = POINTS.shape
    shape = field(1, rows) + field(1, dimensions) + field(2, 1) + field(8, "table")
    return shape + field(9, POINTS.tobytes()) + b"".join(more)


def value(name: str, kind: int, *dimensions: str) -> bytes:
    shape = b"".join(field(1, field(2, each)) for each in dimensions)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def graph(*more: bytes, nodes: bytes | None = None, table: bytes | None = None) -> bytes:
    inputs = field(INPUT, value("input_ids", 7, "texts", "tokens"))
    outputs = field(OUTPUT, value("points", 1, "texts", "tokens", "dimensions"))
    parts = field(NODE, node() if nodes is None else nodes) + field(2, "encoder")
    return (
        parts + field(INITIALIZER, tensor() if table is None else table) + inputs + outputs + b"".join(more)
    )


def onnx(*more: bytes, of: bytes | None = None) -> bytes:
    """Return a file: the graph `of`, or one that looks points up."""
    head = field(1, 8) + field(OPSET, field(2, 13))
    return head + field(GRAPH, graph() if of is None else of) + b"".join(more)
