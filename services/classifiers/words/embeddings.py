"""Which words a model knows, and what each of them is to it at first."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from services.classifiers.encoders.encoder import Points
from services.depression.recipe import TrainingError

DIMENSIONS = 100
# A word of a single post says something of that post alone.
_LEAST_POSTS = 2
# How far the numbers of a vector spread: layers that have learned nothing yet make something of such.
_SPREAD = 0.3
_SPREAD_OF_NOTHING = 0.1
_WINDOW, _EPOCHS = 5, 5

Texts = Sequence[Sequence[str]]


def words_of(texts: Texts) -> list[str]:
    """Return the words of two texts or more, the commonest first; raise TrainingError for none."""
    counts = Counter(word for text in texts for word in set(text))
    found = [word for word, count in counts.items() if count >= _LEAST_POSTS]
    if not found:
        raise TrainingError("no word stands in two posts. Train on more posts, or prepare them otherwise")
    return sorted(found, key=lambda word: (-counts[word], word))


def vectors_of_nothing(words: int, seed: int) -> Points:
    """Return vectors that say of words only that they differ, (words, dimensions): so one-hot words begin."""
    return np.random.default_rng(seed).normal(0, _SPREAD_OF_NOTHING, (words, DIMENSIONS)).astype(np.float32)


def word2vec(words: Sequence[str], texts: Texts, seed: int) -> Points:
    """Return vectors that tell each word by those around it, (words, dimensions). One thread, so as ever.

    Raises ImportError without the extra tune. Source: Mikolov et al. 2013, skip-gram with negative sampling.
    """
    from gensim.models import Word2Vec  # noqa: PLC0415

    known = set(words)
    sentences = [[word for word in text if word in known] for text in texts]
    learned = Word2Vec(
        sentences,
        vector_size=DIMENSIONS,
        window=_WINDOW,
        min_count=1,
        sg=1,
        epochs=_EPOCHS,
        workers=1,
        seed=seed + 1,
    )
    vectors: Points = learned.wv[list(words)].astype(np.float32)
    return vectors * np.float32(_SPREAD / vectors.std())
