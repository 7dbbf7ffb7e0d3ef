"""Training: one text per user, tf-idf, logistic regression, and cross-validation over its few choices.

Follows the paper: L2-normed tf-idf with smooth idf, L1 penalty, four stratified folds over C and the class
weights, the best F1 of the positive class. It departs from it once: first-person pronouns, which the paper's
stop list removed, stay in the vocabulary. Nothing here is needed where a model runs.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import scipy.sparse
import sklearn
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from services.depression.model.artefact import Model
from services.depression.model.collection import Collection
from services.depression.progress import Progress
from services.depression.recipe import ClassWeight, Recipe, Report, TrainingError, Trial

FIRST_PERSON = frozenset({"i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"})
STOP_WORDS = ENGLISH_STOP_WORDS - FIRST_PERSON

_USERS_PER_DF = 24  # the paper's min_df of 20 for the 486 users of eRisk 2017


def _unwatched(_done: int, _total: int) -> None:
    """Take note of progress, and tell nobody."""


@dataclass(frozen=True, slots=True)
class _Fold:
    """Tf-idf rows and truth of the users to fit on and of those to judge by."""

    fit: scipy.sparse.csr_matrix
    fit_truth: npt.NDArray[np.bool_]
    held: scipy.sparse.csr_matrix
    held_truth: npt.NDArray[np.bool_]


def train(collection: Collection, recipe: Recipe, progress: Progress = _unwatched) -> tuple[Model, Report]:
    """Fit a model to all users of the collection; the same collection and recipe give the same model.

    `progress` is told trials done and trials in all. Raises TrainingError when a class has fewer users than
    there are folds, or no word is left.
    """
    truth = np.array(list(collection.truth.values()), dtype=np.bool_)
    _check_classes(truth, recipe.folds)
    documents = [_word_counts(collection, user) for user in collection.truth]
    min_df = recipe.min_df or max(2, round(len(documents) / _USERS_PER_DF))
    vocabulary = _vocabulary(documents, min_df)
    counts = _matrix(documents, vocabulary)
    trials = list(_trials(_folds(counts, truth, recipe), recipe, progress))
    best = max(trials, key=lambda trial: trial.f1)  # the first of equals: the strongest regularisation
    scale = TfidfTransformer().fit(counts)
    fitted = _regression(recipe, best.strength, best.class_weight).fit(scale.transform(counts), truth)
    weights = fitted.coef_[0]
    used = int(np.count_nonzero(weights))
    report = Report(len(truth), int(truth.sum()), len(vocabulary), used, min_df, best, trials)
    training = asdict(report) | {"recipe": asdict(recipe), "scikit_learn": sklearn.__version__}
    bias = float(fitted.intercept_[0])
    model = Model(
        vocabulary, scale.idf_, weights, bias, recipe.threshold, training, reading=collection.reading
    )
    return model, report


def _check_classes(truth: npt.NDArray[np.bool_], folds: int) -> None:
    positives = int(truth.sum())
    if min(positives, len(truth) - positives) < folds:
        raise TrainingError(
            f"{positives} positive users of {len(truth)}, too few of a class for {folds} folds. "
            f"Train on more users, or with fewer folds"
        )


def _word_counts(collection: Collection, user: str) -> Counter[str]:
    return Counter(word for post in collection.posts[user] for word in collection.reading.tokenise(post.text))


def _vocabulary(documents: Sequence[Mapping[str, int]], min_df: int) -> tuple[str, ...]:
    """Return the words of at least `min_df` users, those of most users first, equals by the alphabet."""
    df = Counter(word for document in documents for word in document)
    kept = [word for word, users in df.items() if users >= min_df and word not in STOP_WORDS]
    if not kept:
        raise TrainingError(f"no word that {min_df} users share. Train on more users, or lower min_df")
    return tuple(sorted(kept, key=lambda word: (-df[word], word)))


def _matrix(documents: Sequence[Mapping[str, int]], vocabulary: Sequence[str]) -> scipy.sparse.csr_matrix:
    """Return the counts (users, terms) of the words in the vocabulary."""
    index = {word: term for term, word in enumerate(vocabulary)}
    cells = [
        (user, index[word], count)
        for user, document in enumerate(documents)
        for word, count in document.items()
        if word in index
    ]
    rows, columns, counts = zip(*cells, strict=True)
    shape = (len(documents), len(vocabulary))
    return scipy.sparse.csr_matrix((np.array(counts, np.float64), (rows, columns)), shape=shape)


def _folds(counts: scipy.sparse.csr_matrix, truth: npt.NDArray[np.bool_], recipe: Recipe) -> list[_Fold]:
    """Weigh the users of each fold once, by the idf of those fitted on, for all trials."""
    splitter = StratifiedKFold(recipe.folds, shuffle=True, random_state=recipe.seed)
    folds = []
    for fit, held in splitter.split(counts, truth):
        scale = TfidfTransformer().fit(counts[fit])
        folds.append(
            _Fold(scale.transform(counts[fit]), truth[fit], scale.transform(counts[held]), truth[held])
        )
    return folds


def _trials(folds: Sequence[_Fold], recipe: Recipe, progress: Progress) -> Iterator[Trial]:
    held_truth = np.concatenate([fold.held_truth for fold in folds])
    choices = list(product(sorted(recipe.strengths), recipe.class_weights))
    for done, (strength, class_weight) in enumerate(choices, start=1):
        regression = _regression(recipe, strength, class_weight)
        held = [regression.fit(fold.fit, fold.fit_truth).predict(fold.held) for fold in folds]
        f1 = f1_score(held_truth, np.concatenate(held), zero_division=0)
        yield Trial(strength, class_weight, float(f1))
        progress(done, len(choices))


def _regression(recipe: Recipe, strength: float, class_weight: ClassWeight) -> LogisticRegression:
    return LogisticRegression(
        C=strength,
        l1_ratio=1 if recipe.penalty == "l1" else 0,
        class_weight=_by_class(class_weight),
        solver="liblinear",
        random_state=recipe.seed,
        max_iter=1000,
    )


def _by_class(positive: ClassWeight) -> dict[bool, float] | str:
    return positive if isinstance(positive, str) else {False: 1 - positive, True: positive}
