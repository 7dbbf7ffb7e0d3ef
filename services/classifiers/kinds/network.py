"""Kinds "lstm" and "cnn_lstm": a network that reads the words of a post in order, as an ONNX graph.

network.onnx  takes ids (texts, words), whole numbers, each text with a 0 at its end at least, and lengths
              (texts,), how many words each has; returns scores (texts,), log-odds

Source: Zuo, "Identification of College Students' Depressive Tendency", Informatica 48, 2024.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from services.classifiers.encoders.onnx_session import open_session, tried
from services.classifiers.kinds.words import (
    WordNumbers,
    WordsClassifier,
    WordsSaid,
    vocabulary_of,
    words_classifier,
)
from services.classifiers.manifest import said_by
from services.models.arrays import Floats
from services.models.folder import MANIFEST, ModelError, ModelFiles

LSTM, CNN_LSTM = "lstm", "cnn_lstm"
NETWORK = "network.onnx"
# Texts that run side by side, each as long as the longest of them.
_TOGETHER = 64
_TAKES = ("ids", "lengths")


class OnnxScorer:
    """Scores texts by a graph, with so many threads.

    Raises ValueError for a graph that is none of such a network, ImportError without the extra classify.

    words  how many the vocabulary has
    """

    def __init__(self, graph: bytes, words: int, threads: int) -> None:
        self._session = open_session(graph, threads, "network")
        takes = tuple(each.name for each in self._session.get_inputs())
        if takes != _TAKES:
            raise ValueError(f"a graph that takes {takes}, where a network takes {_TAKES}")
        # The last word, too: a graph may know fewer.
        tried(lambda: self.scores([[1], [words, 1]]), "network")

    def scores(self, texts: Sequence[WordNumbers]) -> Floats:
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        found = np.empty(len(texts))
        for start in range(0, len(order), _TOGETHER):
            numbers = order[start : start + _TOGETHER]
            ids, lengths = side_by_side([texts[number] for number in numbers])
            scores = np.asarray(self._session.run(None, {"ids": ids, "lengths": lengths})[0])
            if scores.shape != lengths.shape or not np.all(np.isfinite(scores)):
                raise ValueError(f"a graph that returns {scores.shape}, where a network returns (texts,)")
            found[numbers] = scores
        return found


def side_by_side(
    texts: Sequence[WordNumbers], words: int = 0
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Return ids and lengths of texts: as many words as the longest, or as said, and a 0 after each text."""
    lengths = np.array([len(text) for text in texts], np.int32)
    ids = np.zeros((len(texts), max(int(lengths.max()), words) + 1), np.int64)
    for row, text in zip(ids, texts, strict=True):
        row[: len(text)] = text
    return ids, lengths


def network_of(files: ModelFiles, threads: int) -> WordsClassifier:
    """Return the classifier that the files make; raise ModelError where they make none, or it cannot run."""
    words = vocabulary_of(files)
    try:
        scorer = OnnxScorer(files.content(NETWORK), len(words), threads)
    except ImportError as error:
        raise ModelError(
            files.place / MANIFEST, f"{error.name} is not installed", "Install the extra classify"
        ) from error
    except ValueError as error:
        raise ModelError(files.place / NETWORK, str(error)) from error
    return words_classifier(files, said_by(files, WordsSaid), words, scorer)
