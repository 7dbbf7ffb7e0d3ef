"""Kind "encoder": a sentence encoder that others have trained, and a linear head on its points.

head.npy   (dimensions,)  weight of each number of a point

    p = σ(slope·(w·x + b) + intercept)

x is the point of the text as the steps of preprocessing leave it. Of no text nothing is known: w·x is 0.
"""

from collections.abc import Callable, Sequence

import numpy as np

from services.classifiers.classifier import Judgement, Post
from services.classifiers.encoders import open_encoder
from services.classifiers.encoders.encoder import Encoder
from services.classifiers.manifest import Line, Number, Said, Weights, said_by, steps_of
from services.classifiers.preprocessing import preprocessing
from services.depression.model.picture import sigmoid
from services.depression.model.reading import READINGS
from services.models.arrays import Floats, array_of
from services.models.folder import ModelFiles
from services.reddit.records import TextRecord

KIND = "encoder"
HEAD = "head.npy"

# Left out one by one to see what a post would be without them.
_MOST_WORDS_TRIED = 40

OpenEncoder = Callable[[Weights, ModelFiles, int], Encoder]


class EncoderSaid(Said, frozen=True, kw_only=True):
    """What the manifest of such a model says."""

    encoder: Weights
    bias: Number
    calibration: Line


class EncoderClassifier:
    """Judges posts by where their encoder puts them.

    Of posts that reach the threshold it says what weighed most: by how much the log-odds would be less
    without a word. That takes a text for each word, so words are asked for where few posts are.
    """

    advice = ""

    def __init__(self, said: EncoderSaid, version: str, head: Floats, encoder: Encoder) -> None:
        self.version, self.about, self.threshold = version, said.about, said.threshold
        self.min_posts = said.min_posts
        self._said = said
        self._head = head
        self._encoder = encoder
        self._reading = READINGS[said.reading]
        self._prepare = preprocessing(said.preprocessing)

    def own_words(self, record: TextRecord) -> str:
        return self._reading.own_words(record)

    def classify(self, posts: Sequence[Post], words: int = 0) -> list[Judgement]:
        longest = self._said.encoder.longest
        texts = [self._prepare(post.text)[:longest] for post in posts]
        log_odds = self._log_odds(texts)
        judged = []
        for text, odds, probability in zip(texts, log_odds, sigmoid(log_odds).tolist(), strict=True):
            told = self._words(text, odds, words) if words and probability >= self.threshold else []
            judged.append(Judgement(probability, told, "text" if text.strip() else "none"))
        return judged

    def _log_odds(self, texts: Sequence[str]) -> Floats:
        """Return the log-odds of each text, (texts,)."""
        there = [number for number, text in enumerate(texts) if text.strip()]
        score = np.zeros(len(texts))
        points = self._encoder.encode([texts[number] for number in there])
        # Row by row: how a product of matrices adds up depends on how many rows it has.
        score[there] = [float(point @ self._head) for point in points.astype(np.float64)]
        return self._said.calibration.slope * (score + self._said.bias) + self._said.calibration.intercept

    def _words(self, text: str, log_odds: float, most: int) -> list[tuple[str, float]]:
        tokens = [(token, self._reading.tokenise(token)) for token in text.split()]
        words = list(dict.fromkeys(word for _, those in tokens for word in those))[:_MOST_WORDS_TRIED]
        without = [" ".join(token for token, those in tokens if word not in those) for word in words]
        added = zip(words, (log_odds - self._log_odds(without)).tolist(), strict=True)
        return sorted(added, key=lambda each: -abs(each[1]))[:most]


def encoder_of(
    files: ModelFiles, threads: int, open_encoder: OpenEncoder = open_encoder
) -> EncoderClassifier:
    """Return the classifier that the files make.

    Raises ModelError for what does not fit together, and where the encoder is not installed here.
    """
    said = said_by(files, EncoderSaid)
    try:
        head = array_of(files.content(HEAD))
        if said.reading not in READINGS:
            raise ValueError(f"reading {said.reading} of texts, which this code does not know")
    except ValueError as error:
        raise files.not_a_model(error) from error
    steps_of(files, said)
    if not np.all(np.isfinite(head)):
        raise files.not_a_model("a weight that is not finite")
    encoder = open_encoder(said.encoder, files, threads)
    if head.shape != (encoder.dimensions,):
        raise files.not_a_model(f"{head.size} weights for points of {encoder.dimensions} numbers")
    return EncoderClassifier(said, files.version, head, encoder)
