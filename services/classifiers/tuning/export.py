"""The encoder as an ONNX graph: operators of the standard alone, all numbers in the file itself.

It takes input_ids (1, tokens) and returns the points of tokens (1, tokens, dimensions). As it takes one text
at a time, there is nothing to mask.
"""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto, helper

from services.classifiers.tuning.bert import EMBEDDINGS, Shape
from services.classifiers.tuning.onnx_writer import OnnxWriter
from services.classifiers.tuning.tensors import Tensors


def onnx_of(shape: Shape, weights: Tensors) -> bytes:
    """Return the file of an encoder."""
    graph = _Graph(shape, weights)
    tokens = graph.embeddings()
    for layer in range(shape.layers):
        tokens = graph.layer(f"encoder.layer.{layer}", tokens)
    return graph.file(tokens)


class _Graph:
    """The parts of an encoder, one after the other; each method returns the name of what comes out."""

    def __init__(self, shape: Shape, weights: Tensors) -> None:
        self._shape, self._weights = shape, weights
        self._writer = OnnxWriter()
        self._node, self._number = self._writer.node, self._writer.number

    def embeddings(self) -> str:
        positions = self._weights[f"{EMBEDDINGS}.position_embeddings.weight"]
        # Every token of a single text is of the first type.
        first = self._weights[f"{EMBEDDINGS}.token_type_embeddings.weight"][0]
        words = self._weights[f"{EMBEDDINGS}.word_embeddings.weight"]
        said = self._node("Gather", self._number("words", words), "input_ids")
        there = self._node("Shape", "input_ids", start=1, end=2)
        zero = self._number("zero", np.array([0], np.int64))
        placed = self._node("Slice", self._number("positions", positions + first), zero, there, zero)
        return self._normed(f"{EMBEDDINGS}.LayerNorm", self._node("Add", said, placed))

    def layer(self, name: str, tokens: str) -> str:
        attended = self._linear(f"{name}.attention.output.dense", self._attended(name, tokens))
        both = self._node("Add", tokens, attended)
        tokens = self._normed(f"{name}.attention.output.LayerNorm", both)
        inner = self._node("Gelu", self._linear(f"{name}.intermediate.dense", tokens))
        outer = self._linear(f"{name}.output.dense", inner)
        return self._normed(f"{name}.output.LayerNorm", self._node("Add", tokens, outer))

    def file(self, output: str) -> bytes:
        """Return the graph that ends here."""
        return self._writer.file(
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
            output,
            helper.make_tensor_value_info("points", TensorProto.FLOAT, [1, "tokens", "dimensions"]),
        )

    def _attended(self, name: str, tokens: str) -> str:
        dimensions = len(self._weights[f"{EMBEDDINGS}.LayerNorm.bias"])
        size = dimensions // self._shape.heads
        query, key, value = (
            self._node("Reshape", self._linear(f"{name}.attention.self.{part}", tokens), self._split(size))
            for part in ("query", "key", "value")
        )
        # (1, heads, tokens, size), and the key the other way round.
        query, value = (self._turned(each, (0, 2, 1, 3)) for each in (query, value))
        scores = self._node("MatMul", query, self._turned(key, (0, 2, 3, 1)))
        scaled = self._node("Div", scores, self._number(f"root of {size}", np.float32(size**0.5)))
        mixed = self._node("MatMul", self._node("Softmax", scaled, axis=-1), value)
        together = self._number("together", np.array([1, -1, dimensions], np.int64))
        return self._node("Reshape", self._turned(mixed, (0, 2, 1, 3)), together)

    def _split(self, size: int) -> str:
        return self._number("split", np.array([1, -1, self._shape.heads, size], np.int64))

    def _turned(self, found: str, axes: Sequence[int]) -> str:
        return self._node("Transpose", found, perm=axes)

    def _linear(self, name: str, found: str) -> str:
        turned = np.ascontiguousarray(self._weights[f"{name}.weight"].T)
        product = self._node("MatMul", found, self._number(f"{name}.weight", turned))
        return self._node("Add", product, self._named(f"{name}.bias"))

    def _normed(self, name: str, found: str) -> str:
        scale, bias = self._named(f"{name}.weight"), self._named(f"{name}.bias")
        return self._node("LayerNormalization", found, scale, bias, axis=-1, epsilon=self._shape.epsilon)

    def _named(self, name: str) -> str:
        return self._number(name, self._weights[name])
