"""A model of kind "encoder" whose encoder was tuned together with its head.

The head is fitted first, on points of the encoder as it was, and both are learned from there: so what it
knows is not lost to a head that knows nothing. Source: Kumar et al. 2022. Posts are in three parts, those of
a user in one of them: eight tenths to learn from, one to choose calibration and threshold by, and one that
nothing was chosen by, to tell what the model is worth.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from msgspec import structs

from services.classifiers.encoders.choice import Untuned
from services.classifiers.encoders.onnx import ONNX, TOKENIZER
from services.classifiers.kinds.encoder import HEAD, KIND, EncoderSaid
from services.classifiers.labelled import Labelled
from services.classifiers.manifest import Line, Weights, files_of
from services.classifiers.measures import Measures, measured
from services.classifiers.preprocessing import preprocessing
from services.classifiers.splits import three_parts, truth_of
from services.classifiers.training import HeadRecipe, Seen, chosen, probabilities, regression, seen
from services.classifiers.tuning.bert import Shape, read_bert
from services.classifiers.tuning.checkpoint import Checkpoint
from services.classifiers.tuning.exported import exported_of, tokens_of
from services.classifiers.tuning.network import Learned, Network, Tuning, points_of_all
from services.classifiers.tuning.tensors import Tensors
from services.classifiers.tuning.train import Epoch, Tell, train
from services.models.arrays import npy_of

_WEAK = 1.0


@dataclass(frozen=True, slots=True)
class TunedReport(Seen):
    """What a tuning saw and chose.

    parts           posts to learn from, to choose by, and to tell by
    held_out        of the last of these, at the threshold that was chosen by the second
    graph_is_off_by the most by which a number of a point differs between the graph and the network
    """

    parts: tuple[int, int, int]
    threshold: float
    held_out: Measures
    epochs: Sequence[Epoch]
    graph_is_off_by: float


def some_of(labelled: Labelled, posts: int, seed: int) -> Labelled:
    """Return so many of the posts, drawn; all where there are no more."""
    if posts >= len(labelled.posts):
        return labelled
    drawn = np.random.default_rng(seed).permutation(len(labelled.posts))[:posts]
    return replace(labelled, posts=tuple(labelled.posts[number] for number in sorted(drawn)))


def tune(
    labelled: Labelled, untuned: Untuned, recipe: HeadRecipe, tuning: Tuning, model: Path, tell: Tell
) -> tuple[dict[str, bytes], TunedReport, Checkpoint]:
    """Return the files of a model tuned on labelled posts, what it is like, and what may go once it is saved.

    model  the folder that it is to be, beside which a training is kept that has not ended

    Raises TrainingError where a class has fewer than ten posts, and where the graph is not the network.
    """
    prepare, truth = preprocessing(recipe.preprocessing), truth_of(labelled)
    texts = [prepare(post.text)[: untuned.said.longest] for post in labelled.posts]
    parts = three_parts(labelled, recipe.seed)
    shape, weights = read_bert(untuned.config, untuned.weights)
    tokens = tokens_of(untuned.tokenizer, texts, tuning.most_tokens)
    learned, choosing = (
        Learned([tokens[number] for number in part], truth[part]) for part in (parts.learn, parts.choose)
    )
    asked = repr((tuning, recipe.preprocessing, recipe.seed)).encode()
    checkpoint = Checkpoint(model, [asked, untuned.weights, truth.tobytes(), json.dumps(texts).encode()])
    start = with_head(weights, shape, learned)
    network, epochs = train(start, shape, (learned, choosing), tuning, checkpoint, tell)
    exported = exported_of(network, shape, untuned.tokenizer, [texts[number] for number in parts.tell])
    line, threshold = chosen(exported.scores([texts[number] for number in parts.choose]), truth[parts.choose])
    said = probabilities(exported.scores([texts[number] for number in parts.tell]), line)
    report = TunedReport(
        **seen(labelled),
        parts=parts.sizes(),
        threshold=threshold,
        held_out=measured(truth[parts.tell], said >= threshold),
        epochs=epochs,
        graph_is_off_by=exported.off_by,
    )
    contents = {ONNX: exported.graph, TOKENIZER: untuned.tokenizer, HEAD: npy_of(exported.head)}
    told = report.to_json() | {"recipe": asdict(recipe), "tuning": asdict(tuning)}
    model_said = _said(recipe, untuned.said, exported.bias, line, threshold)
    return files_of(structs.replace(model_said, training=told), KIND, contents), report, checkpoint


def _said(recipe: HeadRecipe, encoder: Weights, bias: float, line: Line, threshold: float) -> EncoderSaid:
    return EncoderSaid(
        about=recipe.about,
        languages=list(recipe.languages),
        labels=recipe.labels,
        reading=2,
        preprocessing=list(recipe.preprocessing),
        threshold=threshold,
        min_posts=1,
        training={},
        encoder=encoder,
        bias=bias,
        calibration=line,
    )


def with_head(weights: Tensors, shape: Shape, posts: Learned) -> Network:
    """Return the encoder and a head on its points: a weak one, as a sure one would leave nothing to learn."""
    points = points_of_all(weights, shape, posts.tokens)
    fitted = regression(_WEAK).fit(points.astype(np.float64), posts.truth)
    head, bias = (np.asarray(each, np.float32) for each in (fitted.coef_[0], fitted.intercept_[0]))
    return {"encoder": weights, "head": head, "bias": bias}
