"""A network as an ONNX graph: operators of the standard alone, all numbers in the file itself."""

import numpy as np
from onnx import TensorProto, helper

from services.classifiers.tuning.onnx_writer import OnnxWriter
from services.classifiers.words.network import Shape, Weights


def network_onnx(shape: Shape, weights: Weights) -> bytes:
    """Return the file of a network; what it takes and returns is in `kinds.network`."""
    graph = OnnxWriter()
    whole = {name: graph.number(name, np.array(at, np.int64)) for name, at in _WHOLE.items()}
    found = graph.node("Gather", graph.number("table", weights["table"]), "ids")
    first = graph.node("Slice", found, whole["start"], whole["last"], whole["words"])
    if shape.kernels:
        second = graph.node("Slice", found, whole["second"], whole["end"], whole["words"])
        pairs = graph.node("Concat", first, second, axis=-1)
        product = graph.node("MatMul", pairs, graph.number("kernels", weights["kernels"]))
        bias = graph.number("kernels.bias", weights["kernels.bias"])
        first = graph.node("Relu", graph.node("Add", product, bias))
    found = graph.node("Transpose", first, perm=(1, 0, 2))
    last = ""
    for number, size in enumerate(shape.layers):
        states, last = _layer(graph, weights, f"layer{number}", size, found)
        found = graph.node("Squeeze", states, whole["direction"])
    last = graph.node("Squeeze", last, whole["of_layer"])
    # Of two classes softmax is of the difference alone.
    head = weights["head"][:, 1] - weights["head"][:, 0]
    head_bias = np.asarray(weights["head.bias"][1] - weights["head.bias"][0], np.float32)
    product = graph.node("MatMul", last, graph.number("head", head))
    score = graph.node("Add", product, graph.number("head.bias", head_bias))
    return graph.file(
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "words"]),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, ["texts"]),
        ],
        score,
        helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["texts"]),
    )


_WHOLE = {
    "start": [0],
    "second": [1],
    "last": [-1],
    "end": [np.iinfo(np.int64).max],
    "words": [1],
    "direction": [1],
    "of_layer": [0],
}


def _layer(graph: OnnxWriter, weights: Weights, name: str, size: int, found: str) -> tuple[str, str]:
    """Return the states of a layer over words, and the last of each text."""

    def turned(part: str) -> str:
        return graph.number(f"{name}.{part}", np.ascontiguousarray(weights[f"{name}.{part}"].T)[None])

    bias = np.concatenate([weights[f"{name}.bias"], np.zeros(4 * size, np.float32)])[None]
    inputs = (found, turned("input"), turned("state"), graph.number(f"{name}.bias", bias), "lengths")
    states, last = graph.nodes("LSTM", inputs, outputs=2, hidden_size=size)
    return states, last
