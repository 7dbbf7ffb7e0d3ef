"""What an ONNX file may hold before anything runs it: a graph of known operators, with all its numbers in it.

An operator of somebody's own would be code of somebody's own, and numbers kept elsewhere would be any file of
the machine. Both are told from the file's fields, without the library that the format comes with: protocol
buffers of ModelProto, GraphProto, NodeProto, AttributeProto and TensorProto. Source: onnx.proto, IR 10.
"""

from collections.abc import Iterator

# The standard's, and those of the runtime itself, which quantised models use.
DOMAINS = frozenset({"", "ai.onnx", "com.microsoft"})
MOST_NODES = 100_000

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_DEEPEST = 8
# Numbers of fields, by the message that they are of.
_GRAPH, _OPSETS, _FUNCTIONS = 7, 8, 25
_OPSET_DOMAIN = 1
_NODES, _TENSORS, _SPARSE = 1, 5, 15
_NODE_ATTRIBUTES, _NODE_DOMAIN = 5, 7
_ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS, _ATTRIBUTE_SPARSE = {5, 10}, {6, 11}, {22, 23}
_TENSOR_ELSEWHERE, _TENSOR_LOCATION = 13, 14

Field = tuple[int, int | memoryview]


def require_plain(content: bytes) -> None:
    """Raise ValueError for what is no ONNX, or holds operators, functions or numbers that are not its own."""
    graphs = 0
    for number, value in _fields(memoryview(content)):
        if number == _GRAPH:
            graphs += 1
            _require_plain_graph(_message(value), 0)
        elif number == _OPSETS:
            for inner, domain in _fields(_message(value)):
                if inner == _OPSET_DOMAIN:
                    _require_known(domain)
        elif number == _FUNCTIONS:
            raise ValueError("a function of its own")
    if graphs != 1:
        raise ValueError(f"{graphs} graphs, where an ONNX file has one")


def _require_plain_graph(graph: memoryview, depth: int) -> None:
    if depth > _DEEPEST:
        raise ValueError("graphs within graphs, too deep")
    nodes = 0
    for number, value in _fields(graph):
        if number == _NODES:
            nodes += 1
            _require_plain_node(_message(value), depth)
        elif number == _TENSORS:
            _require_own_numbers(_message(value))
        elif number == _SPARSE:
            raise ValueError("sparse numbers")
    if nodes > MOST_NODES:
        raise ValueError(f"{nodes:,} nodes, more than {MOST_NODES:,}")


def _require_plain_node(node: memoryview, depth: int) -> None:
    for number, value in _fields(node):
        if number == _NODE_DOMAIN:
            _require_known(value)
        elif number == _NODE_ATTRIBUTES:
            for inner, held in _fields(_message(value)):
                if inner in _ATTRIBUTE_GRAPHS:
                    _require_plain_graph(_message(held), depth + 1)
                elif inner in _ATTRIBUTE_TENSORS:
                    _require_own_numbers(_message(held))
                elif inner in _ATTRIBUTE_SPARSE:
                    raise ValueError("sparse numbers")


def _require_own_numbers(tensor: memoryview) -> None:
    for number, value in _fields(tensor):
        if number == _TENSOR_ELSEWHERE or (number == _TENSOR_LOCATION and value != 0):
            raise ValueError("numbers that are kept in another file")


def _require_known(domain: int | memoryview) -> None:
    name = bytes(_message(domain)).decode("utf-8", "replace")
    if name not in DOMAINS:
        raise ValueError(f"operators of its own, of {name[:80]!r}")


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("no ONNX")
    return value


def _fields(data: memoryview) -> Iterator[Field]:
    """Yield the number of each field of a message, and its number or its bytes."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == _BYTES:
            length, at = _varint(data, at)
        elif wire in {_EIGHT, _FOUR}:
            length = 8 if wire == _EIGHT else 4
        else:
            raise ValueError("no ONNX")
        if at + length > len(data):
            raise ValueError("no ONNX")
        yield number, data[at : at + length]
        at += length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("no ONNX")
