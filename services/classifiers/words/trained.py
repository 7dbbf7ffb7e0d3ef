"""A model of the kinds of words: labelled posts in, files out.

Posts are in three parts, those of a user in one of them: eight tenths to learn from, one to choose
calibration and threshold by, and one that nothing was chosen by, to tell what the model is worth.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from services.classifiers.kinds.svm import SVM, SvmSaid
from services.classifiers.kinds.words import Embedding, WordsSaid
from services.classifiers.labelled import Labelled
from services.classifiers.manifest import files_of
from services.classifiers.measures import Measures, measured
from services.classifiers.preprocessing import preprocessing
from services.classifiers.splits import three_parts, truth_of
from services.classifiers.training import HeadRecipe, Seen, chosen, probabilities, seen
from services.classifiers.words.fitted import Fitted, fit
from services.classifiers.words.learning import Learning
from services.depression.progress import Progress

# What the numbers of a model are of, beside what was learned from.
_PACKAGES = ("gensim", "jax", "opencc", "optax", "rjieba", "scikit-learn")


@dataclass(frozen=True, slots=True)
class WordsReport(Seen):
    """What a training saw and chose.

    parts     posts to learn from, to choose by, and to tell by
    held_out  of the last of these, at the threshold that was chosen by the second
    losses    of each iteration
    off_by    the most by which a probability differs between what was trained and what runs
    """

    parts: tuple[int, int, int]
    words: int
    threshold: float
    held_out: Measures
    losses: Sequence[float]
    off_by: float


def train_words(
    labelled: Labelled,
    kind: str,
    embedding: Embedding,
    recipe: HeadRecipe,
    learning: Learning,
    progress: Progress,
) -> tuple[dict[str, bytes], WordsReport]:
    """Return the files of a model trained on labelled posts, and what it is like.

    Raises TrainingError where a class has fewer than ten posts, and as `fit`.
    """
    prepare, truth = preprocessing(recipe.preprocessing), truth_of(labelled)
    texts = [prepare(post.text).split() for post in labelled.posts]
    parts = three_parts(labelled, recipe.seed)
    fitted = fit(
        kind, embedding, [texts[number] for number in parts.learn], truth[parts.learn], learning, progress
    )
    line, threshold = chosen(fitted.scores([texts[number] for number in parts.choose]), truth[parts.choose])
    told = probabilities(fitted.scores([texts[number] for number in parts.tell]), line)
    report = WordsReport(
        **seen(labelled),
        parts=parts.sizes(),
        words=len(fitted.words),
        threshold=threshold,
        held_out=measured(truth[parts.tell], told >= threshold),
        losses=[round(loss, 6) for loss in fitted.losses],
        off_by=fitted.off_by,
    )
    training = report.to_json() | {
        "recipe": asdict(recipe),
        "learning": asdict(learning),
        "packages": {name: version(name) for name in _PACKAGES},
    }
    said = WordsSaid(
        about=recipe.about,
        languages=list(recipe.languages),
        labels=recipe.labels,
        reading=2,
        preprocessing=list(recipe.preprocessing),
        threshold=threshold,
        min_posts=1,
        training=training,
        embedding=embedding,
        most_words=fitted.most_words,
        calibration=line,
    )
    return files_of(_whole(said, kind, fitted), kind, fitted.contents), report


def _whole(said: WordsSaid, kind: str, fitted: Fitted) -> WordsSaid:
    """Return what is said of a model of this kind."""
    if kind != SVM:
        return said
    fields: dict[str, Any] = {name: getattr(said, name) for name in said.__struct_fields__}
    return SvmSaid(**fields | dict(fitted.numbers))
