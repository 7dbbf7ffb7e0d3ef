"""Models of the kinds of words, of four words: what is worked out by hand."""

import numpy as np

from services.classifiers.kinds.network import NETWORK
from services.classifiers.kinds.svm import MACHINES, STARTS, SUPPORT, SVM, VECTORS, SvmSaid
from services.classifiers.kinds.words import VOCABULARY, Embedding, WordsSaid
from services.classifiers.manifest import Line, files_of
from services.models.arrays import npy_of
from tests.unit.classifiers.onnx_files import GRAPH, INITIALIZER, INPUT, NODE, OPSET, OUTPUT, field, value

WORDS = ("难过", "高兴", "喝", "茶")
# Of nothing, then of each word.
WEIGHTS = np.array([0, 2.5, -3.0, 0.25, -0.5], np.float32)
VECTORS_OF_WORDS = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.25, -0.5]])
SUPPORT_VECTORS = np.array([[2.0, -1.0], [-1.0, 2.0], [0.5, 0.5]])
# Words of each support vector.
PRESENT = ((0,), (1, 3), (0, 2, 3))
DUAL = np.array([1.5, -2.0, 0.5])
GAMMA, BIAS = 0.5, 0.25
LINE = Line(2.0, -0.5)


def said(embedding: Embedding = "word2vec") -> SvmSaid:
    return SvmSaid(
        about="low mood",
        languages=["zh"],
        labels=("no", "yes"),
        reading=2,
        preprocessing=["brackets", "spaces"],
        threshold=0.5,
        min_posts=1,
        training={"seed": 1},
        embedding=embedding,
        most_words=6,
        calibration=LINE,
        gamma=GAMMA,
        bias=BIAS,
    )


def svm_files(embedding: Embedding) -> dict[str, bytes]:
    """Return the files of a support vector machine."""
    contents = {VOCABULARY: "\n".join(WORDS).encode(), SUPPORT: npy_of(DUAL)}
    if embedding == "word2vec":
        contents |= {VECTORS: npy_of(VECTORS_OF_WORDS.ravel()), MACHINES: npy_of(SUPPORT_VECTORS.ravel())}
        return files_of(said(embedding), SVM, contents)
    with_word = [[row for row, words in enumerate(PRESENT) if word in words] for word in range(len(WORDS))]
    starts = np.cumsum([0, *map(len, with_word)])
    contents |= {MACHINES: npy_of(np.concatenate(with_word)), STARTS: npy_of(starts)}
    return files_of(said(embedding), SVM, contents)


def network_files(kind: str, network: bytes) -> dict[str, bytes]:
    """Return the files of a network."""
    fields = {name: getattr(said(), name) for name in WordsSaid.__struct_fields__}
    contents = {VOCABULARY: "\n".join(WORDS).encode(), NETWORK: network}
    return files_of(WordsSaid(**fields), kind, contents)


def sum_of_weights(weights: bytes = WEIGHTS.tobytes(), second: str = "lengths") -> bytes:
    """Return a graph that adds up the weights of the words of each text."""
    table = field(1, len(weights) // 4) + field(2, 1) + field(8, "weights") + field(9, weights)
    axis = field(1, 1) + field(2, 7) + field(8, "axis") + field(9, np.array([1], "<i8").tobytes())
    looked_up = field(1, "weights") + field(1, "ids") + field(2, "each") + field(4, "Gather")
    no_rest = field(5, field(1, "keepdims") + field(3, 0) + field(20, 2))
    added = field(1, "each") + field(1, "axis") + field(2, "scores") + field(4, "ReduceSum") + no_rest
    graph = (
        field(NODE, looked_up)
        + field(NODE, added)
        + field(2, "network")
        + field(INITIALIZER, table)
        + field(INITIALIZER, axis)
        + field(INPUT, value("ids", 7, "texts", "words"))
        + field(INPUT, value(second, 6, "texts"))
        + field(OUTPUT, value("scores", 1, "texts"))
    )
    return field(1, 8) + field(OPSET, field(2, 13)) + field(GRAPH, graph)
