"""Training: one text per user, tf-idf, logistic regression, and cross-validation over its few choices.

L2-normed tf-idf with smooth idf; stratified folds over C and the class weights, by log loss; then the rule by
which the model runs is chosen on the same users held out, post after post. `recipe.PAPER` trains as the paper
did: L1 penalty, the best F1 of the positive class, no evidence prior and no calibration. Both depart from it
once: first-person pronouns, which its stop list removed, stay in the vocabulary. Nothing here is needed where
a model runs.
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
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import StratifiedKFold

from services.depression.drift import known_share_of, seen
from services.depression.model.artefact import Model
from services.depression.model.collection import Collection
from services.depression.model.course import written
from services.depression.progress import Progress
from services.depression.recipe import ClassWeight, Recipe, Report, TrainingError, Trial
from services.depression.running_rule import HeldOut, choose_rule

FIRST_PERSON = frozenset({"i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves"})
STOP_WORDS = ENGLISH_STOP_WORDS - FIRST_PERSON

_EVEN_ODDS = 0.5
_USERS_PER_DF = 24  # the paper's min_df of 20 for the 486 users of eRisk 2017


def _unwatched(_done: int, _total: int) -> None:
    """Take note of progress, and tell nobody."""


@dataclass(frozen=True, slots=True)
class _Fold:
    """Tf-idf rows and truth of the users to fit on and of those to judge by, who have these numbers."""

    scale: TfidfTransformer
    numbers: Sequence[int]
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
    folds = _folds(counts, truth, recipe)
    trials = list(_trials(folds, recipe, progress))
    best = _best(trials, recipe)
    held_out = _held_out(collection, vocabulary, truth, folds, _regression(recipe, best))
    rule = choose_rule(held_out, recipe)
    scale = TfidfTransformer().fit(counts)
    fitted = _regression(recipe, best).fit(scale.transform(counts), truth)
    index = {word: term for term, word in enumerate(vocabulary)}
    known = np.array([known_share_of(document, index) for document in documents])
    times = [post.created_utc for posts in collection.posts.values() for post in posts]
    report = Report(
        users=len(truth),
        positives=int(truth.sum()),
        posts=len(times),
        first_utc=min(times),
        last_utc=max(times),
        terms=len(vocabulary),
        terms_with_weight=int(np.count_nonzero(fitted.coef_[0])),
        min_df=min_df,
        best=best,
        is_at_edge=len(recipe.strengths) > 1 and best.strength == max(recipe.strengths),
        running_rule=rule.assessment,
        quality=rule.quality,
        trials=trials,
    )
    model = Model(
        vocabulary,
        scale.idf_,
        fitted.coef_[0],
        float(fitted.intercept_[0]),
        rule.threshold,
        report.to_json()
        | {"evidence_rules": asdict(rule.others), "seen": seen(rule.probabilities, known)}
        | {"recipe": asdict(recipe), "scikit_learn": sklearn.__version__},
        reading=collection.reading,
        certainty=rule.certainty,
        about=recipe.about,
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
        rows = scale.transform(counts[fit]), truth[fit], scale.transform(counts[held]), truth[held]
        folds.append(_Fold(scale, held.tolist(), *rows))
    return folds


def _trials(folds: Sequence[_Fold], recipe: Recipe, progress: Progress) -> Iterator[Trial]:
    held_truth = np.concatenate([fold.held_truth for fold in folds])
    choices = list(product(sorted(recipe.strengths), recipe.class_weights))
    for done, (strength, class_weight) in enumerate(choices, start=1):
        regression = _regression(recipe, Trial(strength, class_weight, 0.0, 0.0))
        held = np.concatenate(
            [regression.fit(fold.fit, fold.fit_truth).predict_proba(fold.held)[:, 1] for fold in folds]
        )
        f1 = f1_score(held_truth, held > _EVEN_ODDS, zero_division=0)
        yield Trial(strength, class_weight, float(f1), float(log_loss(held_truth, held)))
        progress(done, len(choices))


def _best(trials: Sequence[Trial], recipe: Recipe) -> Trial:
    """Return the best trial; the first of equals, which is the strongest regularisation."""
    if recipe.criterion == "f1":
        return max(trials, key=lambda trial: trial.f1)
    return min(trials, key=lambda trial: trial.log_loss)


def _held_out(
    collection: Collection,
    vocabulary: Sequence[str],
    truth: npt.NDArray[np.bool_],
    folds: Sequence[_Fold],
    regression: LogisticRegression,
) -> list[HeldOut]:
    """Return what each user would have been told by the model that was fitted without them."""
    index = {word: term for term, word in enumerate(vocabulary)}
    users = list(collection.truth)
    found = []
    for number, fold in enumerate(folds):
        regression.fit(fold.fit, fold.fit_truth)
        for user in fold.numbers:
            posts = collection.posts[users[user]]
            of_user = written(
                (post.text for post in posts), [post.created_utc for post in posts], index, collection.reading
            )
            of_model = fold.scale.idf_, regression.coef_[0]
            bias = float(regression.intercept_[0])
            sums = of_user.sums(*of_model)
            found.append(HeldOut(of_user, number, bool(truth[user]), *of_model, bias, *sums))
    return found


def _regression(recipe: Recipe, trial: Trial) -> LogisticRegression:
    return LogisticRegression(
        C=trial.strength,
        l1_ratio=1 if recipe.penalty == "l1" else 0,
        class_weight=_by_class(trial.class_weight),
        solver="liblinear",
        random_state=recipe.seed,
        max_iter=1000,
    )


def _by_class(positive: ClassWeight) -> dict[bool, float] | str:
    return positive if isinstance(positive, str) else {False: 1 - positive, True: positive}
