"""Kind "linear": the words of a post, weighed as the screening weighs those of a user."""

from collections.abc import Sequence

import numpy as np

from services.classifiers.classifier import Judgement, Post
from services.depression.model import picture
from services.depression.model.artefact import Model, model_of
from services.depression.model.counts import count_terms, lay_out
from services.models.folder import ModelFiles
from services.reddit.records import TextRecord


class LinearClassifier:
    """What a model of words makes of each post, as if its user had written nothing else."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.version, self.about, self.threshold = model.version, model.about, model.threshold
        self.min_posts, self.advice = model.certainty.min_posts, model.advice

    def own_words(self, record: TextRecord) -> str:
        return self._model.reading.own_words(record)

    def classify(self, posts: Sequence[Post], words: int = 0) -> list[Judgement]:
        model = self._model
        counted = [count_terms(post.text, model.index, model.reading) for post in posts]
        entries = lay_out([each.ids for each in counted])
        counts = np.concatenate([np.empty(0, np.int32), *(each.counts for each in counted)])
        change = picture.tfidf_change(entries, counts, model.idf)
        own = picture.damped(entries, picture.own_tfidf(entries, change), change, model.certainty.prior)
        added = picture.contributions(entries, own, model.weights)
        columns = zip(
            picture.own_probability(entries, own, model.weights, model.bias, model.certainty).tolist(),
            picture.top_words(entries, added, model.vocabulary, words),
            counted,
            strict=True,
        )
        return [
            Judgement(probability, of_post, "text" if len(each.ids) else "none")
            for probability, of_post, each in columns
        ]


def linear_of(files: ModelFiles) -> LinearClassifier:
    """Return the classifier that the files make; raises as `model_of`."""
    return LinearClassifier(model_of(files))
