"""What the kinds of models of words in their order, or of their sum, have in common.

vocabulary.txt  the words that the model knows, one a line; their numbers begin at 1

    p = σ(slope·s + intercept)

s is the score of the known words of the text as the steps of preprocessing leave it. Of no word nothing is
known: s is 0.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import numpy as np

from services.classifiers.classifier import Judgement, Post
from services.classifiers.manifest import Line, Said, Some, steps_of
from services.classifiers.preprocessing import Step
from services.depression.model.picture import sigmoid
from services.depression.model.reading import READINGS
from services.models.arrays import Floats
from services.models.folder import ModelFiles
from services.reddit.records import TextRecord

VOCABULARY = "vocabulary.txt"

# Numbers of the known words of a text, in order; never none.
WordNumbers = Sequence[int]
Embedding = Literal["one-hot", "word2vec"]

# Left out one by one to see what a post would be without them.
_MOST_WORDS_TRIED = 40


class WordsSaid(Said, frozen=True, kw_only=True):
    """What the manifest of such a model says.

    embedding   what words are to it at first: merely different, or near to those around which they stand
    most_words  of a text that it reads
    """

    embedding: Embedding
    most_words: Some
    calibration: Line


class Scorer(Protocol):
    """Says how strongly texts show what is looked for, each by itself to 1e-5, whatever stands beside it."""

    def scores(self, texts: Sequence[WordNumbers]) -> Floats:
        """Return the score of each text, (texts,)."""


class WordsClassifier:
    """Judges posts by the words they are made of.

    Of posts that reach the threshold it says what weighed most: by how much the log-odds would be less
    without a word. That takes a text for each word.
    """

    advice = ""

    def __init__(
        self, said: WordsSaid, version: str, words: Sequence[str], prepare: Step, scorer: Scorer
    ) -> None:
        self.version, self.about, self.threshold = version, said.about, said.threshold
        self.min_posts = said.min_posts
        self._said = said
        self._words = words
        self._numbers = numbered(words)
        self._reading = READINGS[said.reading]
        self._prepare = prepare
        self._scorer = scorer

    def own_words(self, record: TextRecord) -> str:
        return self._reading.own_words(record)

    def classify(self, posts: Sequence[Post], words: int = 0) -> list[Judgement]:
        texts = [
            known_words(self._prepare(post.text).split(), self._numbers, self._said.most_words)
            for post in posts
        ]
        log_odds = self._log_odds(texts)
        probabilities = sigmoid(log_odds).tolist()
        told = [
            number
            for number, each in enumerate(probabilities)
            if words and each >= self.threshold and texts[number]
        ]
        weighed = dict(
            zip(told, self._weighed([texts[number] for number in told], log_odds[told]), strict=True)
        )
        return [
            Judgement(probability, weighed.get(number, [])[:words], "text" if texts[number] else "none")
            for number, probability in enumerate(probabilities)
        ]

    def _log_odds(self, texts: Sequence[WordNumbers]) -> Floats:
        """Return the log-odds of each text, (texts,)."""
        there = [number for number, text in enumerate(texts) if text]
        score = np.zeros(len(texts))
        if there:
            score[there] = self._scorer.scores([texts[number] for number in there])
        return self._said.calibration.slope * score + self._said.calibration.intercept

    def _weighed(self, texts: Sequence[WordNumbers], log_odds: Floats) -> list[list[tuple[str, float]]]:
        """Return the words of each text, the strongest first, and what the log-odds would lose."""
        tried = [list(dict.fromkeys(text))[:_MOST_WORDS_TRIED] for text in texts]
        without = [
            [each for each in text if each != word]
            for text, words in zip(texts, tried, strict=True)
            for word in words
        ]
        left = iter(self._log_odds(without).tolist())
        weighed = [
            [(self._words[word - 1], odds - next(left)) for word in words]
            for words, odds in zip(tried, log_odds.tolist(), strict=True)
        ]
        return [sorted(each, key=lambda word: -abs(word[1])) for each in weighed]


def numbered(words: Sequence[str]) -> Mapping[str, int]:
    """Return the number of each word, from 1 on."""
    return {word: number for number, word in enumerate(words, start=1)}


def known_words(text: Sequence[str], numbers: Mapping[str, int], most: int) -> list[int]:
    """Return the numbers of the first known words of a text in words; what is not known is passed over."""
    return [numbers[word] for word in text if word in numbers][:most]


def vocabulary_of(files: ModelFiles) -> list[str]:
    """Return the words of a model; raise ModelError for what is no list of different words."""
    try:
        words = files.content(VOCABULARY).decode().split("\n")
    except UnicodeDecodeError as error:
        raise files.not_a_model(f"{VOCABULARY} that is not UTF-8") from error
    if len(set(words)) != len(words) or any(len(word.split()) != 1 for word in words):
        raise files.not_a_model(f"{VOCABULARY} that is not one word a line, each once")
    return words


def words_classifier(
    files: ModelFiles, said: WordsSaid, words: Sequence[str], scorer: Scorer
) -> WordsClassifier:
    """Return the classifier of a scorer; raise ModelError for a reading or steps that are not known here."""
    if said.reading not in READINGS:
        raise files.not_a_model(f"reading {said.reading} of texts, which this code does not know")
    return WordsClassifier(said, files.version, words, steps_of(files, said), scorer)
