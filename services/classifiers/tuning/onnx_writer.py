"""ONNX graphs, written node by node."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

# The first that has GELU as one operator.
_OPSET = 20
_IR = 9


class OnnxWriter:
    """Nodes and numbers, one after the other; what is written returns the name of what comes out."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._numbers: dict[str, onnx.TensorProto] = {}

    def number(self, name: str, value: npt.NDArray[np.generic] | np.generic) -> str:
        """Add numbers under this name, in place of what was there."""
        self._numbers[name] = numpy_helper.from_array(np.asarray(value), name)
        return name

    def node(self, operator: str, *inputs: str, **attributes: object) -> str:
        """Add an operator on what has these names."""
        return self.nodes(operator, inputs, 1, **attributes)[0]

    def nodes(self, operator: str, inputs: Sequence[str], outputs: int, **attributes: object) -> list[str]:
        """Add an operator of which so many things come out."""
        names = [f"{operator} {len(self._nodes)} {number}" for number in range(outputs)]
        self._nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names

    def file(self, takes: Sequence[onnx.ValueInfoProto], found: str, returns: onnx.ValueInfoProto) -> bytes:
        """Return the graph that ends in what was found, checked by the library that the format comes with."""
        graph = helper.make_graph(
            [*self._nodes, helper.make_node("Identity", [found], [returns.name])],
            "catenae",
            list(takes),
            [returns],
            list(self._numbers.values()),
        )
        opset = helper.make_opsetid("", _OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=_IR, producer_name="catenae")
        onnx.checker.check_model(model)
        content: bytes = model.SerializeToString(deterministic=True)
        return content
