"""A network as it will run, and the proof that it is the one that was trained."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from services.classifiers.encoders.onnx import MOST_TOKENS, OnnxEncoder
from services.classifiers.tuning.bert import Shape
from services.classifiers.tuning.export import onnx_of
from services.classifiers.tuning.network import Network, Tokens, points_of_all
from services.depression.recipe import TrainingError
from services.models.arrays import Floats

# As far as a number of a point may be from that of the network.
NEAR = 1e-5


@dataclass(frozen=True, slots=True)
class Exported:
    """The graph of an encoder, and its head.

    off_by  the most by which a number of a point differs between the graph and the network
    """

    graph: bytes
    head: Floats
    bias: float
    off_by: float
    encoder: OnnxEncoder

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return the log-odds of texts as a model has them before calibration, (texts,)."""
        return self.encoder.encode(texts).astype(np.float64) @ self.head + self.bias


def exported_of(network: Network, shape: Shape, tokenizer: bytes, texts: Sequence[str]) -> Exported:
    """Return what runs of a network; raise TrainingError where it gives these texts other points."""
    weights = {name: np.asarray(each) for name, each in network["encoder"].items()}
    graph = onnx_of(shape, weights)
    encoder = OnnxEncoder(graph, tokenizer, threads=1)
    points = points_of_all(weights, shape, tokens_of(tokenizer, texts, MOST_TOKENS))
    off_by = float(np.abs(points - encoder.encode(texts)).max())
    if not off_by <= NEAR:
        raise TrainingError(
            f"the graph is off by {off_by:g}, more than {NEAR:g}. Report it, with your versions"
        )
    head = np.asarray(network["head"], np.float64)
    return Exported(graph, head, float(network["bias"]), off_by, encoder)


def tokens_of(tokenizer: bytes, texts: Sequence[str], most_tokens: int) -> Tokens:
    """Return the numbers of the tokens of each text, so many at most."""
    made = Tokenizer.from_str(tokenizer.decode())
    made.no_padding()
    made.enable_truncation(most_tokens)
    return [
        each.ids for each in made.encode_batch([text.encode("utf-8", "replace").decode() for text in texts])
    ]
