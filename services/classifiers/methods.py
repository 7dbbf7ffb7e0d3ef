"""Methods side by side on the same posts and folds; what each chooses, it chooses on the posts to fit on."""

import time
from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from services.classifiers.comparison import Comparison
from services.classifiers.labelled import Labelled
from services.classifiers.measures import MEASURES, Bools, measured
from services.classifiers.paper_table import (
    MS_ALONE,
    MS_TOGETHER,
    Judge,
    Method,
    Numbers,
    PaperTable,
    Wanted,
)
from services.classifiers.preprocessing import preprocessing
from services.classifiers.splits import truth_of
from services.classifiers.training import Rows, best_strength, regression
from services.depression.progress import Progress

ALL_POSITIVE, WORDS = "all positive", "TF-IDF + LR"
_INNER_FOLDS = 3
# Texts that are judged one by one, to see how long one takes.
_ALONE = 100


def compare(
    labelled: Labelled, table: PaperTable, wanted: Wanted, folds: int, progress: Progress
) -> Comparison:
    """Run the methods of a table, and those beside them, on the same folds."""
    truth = truth_of(labelled)
    methods = {ALL_POSITIVE: _all_positive, WORDS: by_words(labelled, wanted)}
    methods |= table.methods(labelled, wanted)
    found: dict[str, dict[str, list[float]]] = {
        name: {column: [] for column in table.columns} for name in methods
    }
    splits = list(table.split(labelled, folds, wanted.seed))
    for done, (fit, held) in enumerate(splits, start=1):
        for name, method in methods.items():
            for column, value in _columns(method(fit), truth, held, table.columns).items():
                found[name][column].append(value)
        progress(done, len(splits))
    return Comparison(
        posts=len(truth),
        positives=int(truth.sum()),
        repeated=labelled.repeated,
        contradicting=labelled.contradicting,
        split_by_user=labelled.has_users,
        folds=len(splits),
        methods=found,
    )


def by_words(labelled: Labelled, wanted: Wanted) -> Method:
    """Return TF-IDF and a logistic regression, on texts prepared by the same steps."""
    truth, prepare = truth_of(labelled), preprocessing(wanted.steps)
    texts = np.array([prepare(post.text) for post in labelled.posts], dtype=object)

    def fit(numbers: Numbers) -> Judge:
        vectoriser = TfidfVectorizer(sublinear_tf=True)
        fitted = linear(vectoriser.fit_transform(texts[numbers]), truth[numbers], wanted.seed)

        def judge(held: Numbers) -> Bools:
            said: Bools = fitted.decision_function(vectoriser.transform(texts[held])) > 0
            return said

        return judge

    return fit


def linear(rows: Rows, truth: Bools, seed: int) -> LogisticRegression:
    """Return a regression fitted to rows, of the strength that is best in folds among them."""
    inner = StratifiedKFold(_INNER_FOLDS, shuffle=True, random_state=seed)
    return regression(best_strength(rows, truth, list(inner.split(truth, truth)))).fit(rows, truth)


def _all_positive(_fit: Numbers) -> Judge:
    return lambda held: np.ones(len(held), np.bool_)


def _columns(judge: Judge, truth: Bools, held: Numbers, columns: Sequence[str]) -> dict[str, float]:
    began_s = time.process_time()
    said = judge(held)
    took_s = time.process_time() - began_s
    found = {name: getattr(measured(truth[held], said), name) for name in MEASURES}
    found[MS_TOGETHER] = 1000 * took_s / len(held)
    if MS_ALONE in columns:
        began_s = time.process_time()
        for number in held[:_ALONE]:
            judge(np.array([number]))
        found[MS_ALONE] = 1000 * (time.process_time() - began_s) / len(held[:_ALONE])
    return {column: found[column] for column in columns}
