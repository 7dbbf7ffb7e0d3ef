"""The running picture of a user, updated post by post at a cost that does not grow with the user's history.

With counts c, inverse document frequencies f, weights w and bias b, the tf-idf of all a user wrote is
f·c / √(Σ (f·c)²), and its logistic regression

    p = σ( Σ w·f·c / √(Σ (f·c)² + λ) + b )

with λ = 0 for the paper's; `certainty` says what it is for, and what a model makes of such a score.

A post changes both sums in its own terms only. Every function takes a batch of posts laid out as `Entries`
and is exact: after any posts in any order, some of them taken away again, p is what scikit-learn gives for
the concatenated text (`TfidfTransformer` with L2 and smooth idf, then `LogisticRegression`), its norm taken
with λ.
"""

from collections.abc import Sequence

import numpy as np

from services.depression.model.certainty import PAPER, Certainty
from services.depression.model.counts import Entries, Floats, Ints

# Smooth idf, ln((1 + n) / (1 + df)) + 1, is at least 1, so the squared norm of one occurrence is too: below
# one half there is no text left, only what rounding leaves behind when the last post was taken away.
_NOTHING_BELOW = 0.5


def tfidf_change(entries: Entries, counts: Ints, idf: Floats) -> Floats:
    """Return by how much each entry changes its user's f·c.

    counts   (entries,)  occurrences in the post, negative where it is taken away
    idf      (terms,)    smooth inverse document frequency, >= 1
    returns  (entries,)
    """
    return idf[entries.ids] * counts


def squared_norm_change(entries: Entries, counts: Ints, before: Ints, idf: Floats) -> Floats:
    """Return by how much each post changes its user's Σ (f·c)²: Σ f²·((before + c)² - before²).

    counts, before  (entries,)  of the post, and of its user before the post
    returns         (posts,)
    """
    change = counts.astype(np.int64)
    return entries.total(idf[entries.ids] ** 2 * (change * (2 * before.astype(np.int64) + change)))


def dot_change(entries: Entries, change: Floats, weights: Floats) -> Floats:
    """Return by how much each post changes its user's Σ w·f·c.

    change   (entries,)  from `tfidf_change`
    weights  (terms,)
    returns  (posts,)
    """
    return entries.total(weights[entries.ids] * change)


def score(dot: Floats, squared_norm: Floats, bias: float, prior: float = 0.0) -> Floats:
    """Return dot / √(squared_norm + prior) + bias, and the bias where there is no known term.

    dot, squared_norm, returns  any one shape
    """
    some = squared_norm > _NOTHING_BELOW
    return np.where(some, dot / np.sqrt(np.where(some, squared_norm, 1.0) + prior), 0.0) + bias


def sigmoid(log_odds: Floats) -> Floats:
    """Return σ, written so that it does not overflow; any shape."""
    return 0.5 * (1.0 + np.tanh(0.5 * log_odds))


def own_tfidf(entries: Entries, change: Floats) -> Floats:
    """Scale each post's f·c to unit length, as if its user had written nothing else.

    change, returns  (entries,)  a post without known terms has no entries
    """
    norm = np.sqrt(entries.total(change**2))
    return change / norm[entries.posts]


def damped(entries: Entries, tfidf: Floats, change: Floats, prior: float) -> Floats:
    """Return f·c / √(Σ (f·c)² + prior) of each post, as if its user had written nothing else.

    tfidf, change, returns  (entries,)  tfidf from `own_tfidf`, change of f·c
    """
    if not prior:
        return tfidf
    squared_norm = entries.total(change**2)
    return tfidf * np.sqrt(squared_norm / (squared_norm + prior))[entries.posts]


def contributions(entries: Entries, tfidf: Floats, weights: Floats) -> Floats:
    """Return w·tfidf of each entry: what its word adds to the post's own score.

    tfidf, returns  (entries,)
    """
    return weights[entries.ids] * tfidf


def own_probability(
    entries: Entries, tfidf: Floats, weights: Floats, bias: float, certainty: Certainty = PAPER
) -> Floats:
    """Return each post's probability on its own, (posts,); `tfidf` (entries,) as `damped` returns it."""
    of_posts = entries.total(contributions(entries, tfidf, weights)) + bias
    return sigmoid(certainty.log_odds(of_posts, np.ones(entries.size)))


def top_words(
    entries: Entries, contribution: Floats, vocabulary: Sequence[str], most: int
) -> list[list[tuple[str, float]]]:
    """Return for each post at most `most` words that contribute, the strongest in either direction first.

    contribution  (entries,)  from `contributions`; words that contribute nothing are left out
    returns       (posts,)    lists of word and contribution; equal strengths in the order of term ids
    """
    words: list[list[tuple[str, float]]] = [[] for _ in range(entries.size)]
    some = np.flatnonzero(contribution)
    strongest = some[np.argsort(-np.abs(contribution[some]), kind="stable")]
    for post, term, value in zip(
        entries.posts[strongest].tolist(),
        entries.ids[strongest].tolist(),
        contribution[strongest].tolist(),
        strict=True,
    ):
        if len(words[post]) < most:
            words[post].append((vocabulary[term], value))
    return words
