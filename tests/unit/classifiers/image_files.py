"""Models of kind "image" whose points are the mean colours of a thumbnail: what is worked out by hand."""

from collections.abc import Sequence

import numpy as np
from onnx import TensorProto, helper

from services.classifiers.kinds.image import HEAD, IMAGE, NETWORK, ImageSaid
from services.classifiers.manifest import Line, Origin, files_of
from services.classifiers.tuning.onnx_writer import OnnxWriter
from services.images.values import SIDE
from services.models.arrays import npy_of

ORIGIN = Origin("colours", "colours-package", "1.0", "CC0-1.0", "0" * 64)
# The redder, the likelier.
WEIGHTS = (4.0, -1.0, 0.5)
BIAS, LINE = -1.0, Line(1.5, 0.25)
SAID = ImageSaid(
    about="low mood",
    languages=["en"],
    labels=("no", "yes"),
    reading=2,
    preprocessing=[],
    threshold=0.5,
    min_posts=1,
    training={"seed": 1},
    network=ORIGIN,
    bias=BIAS,
    calibration=LINE,
)


def thumbnail(red: int, green: int, blue: int) -> bytes:
    return bytes((red, green, blue)) * (SIDE * SIDE)


def colours_onnx(takes: str = "pixels", axes: Sequence[int] = (1, 2)) -> bytes:
    """Return a graph whose points are the mean colours of thumbnails."""
    graph = OnnxWriter()
    found = graph.node("Cast", takes, to=TensorProto.FLOAT)
    mean = graph.node("ReduceMean", found, graph.number("axes", np.array(axes, np.int64)), keepdims=0)
    return graph.file(
        [helper.make_tensor_value_info(takes, TensorProto.UINT8, ["thumbnails", SIDE, SIDE, 3])],
        mean,
        helper.make_tensor_value_info("points", TensorProto.FLOAT, ["thumbnails", "dimensions"]),
    )


def image_files(graph: bytes | None = None, weights: Sequence[float] = WEIGHTS) -> dict[str, bytes]:
    """Return the files of such a model."""
    contents = {NETWORK: colours_onnx() if graph is None else graph, HEAD: npy_of(np.array(weights))}
    return files_of(SAID, IMAGE, contents)
