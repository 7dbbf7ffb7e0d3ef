"""A head on points, and methods side by side: on posts whose letters tell them apart."""

import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from services.classifiers.classifier import Post
from services.classifiers.labelled import Labelled, LabelledPost, each_once
from services.classifiers.manifest import Weights
from services.classifiers.measures import Measures, Spread, measured, over_folds
from services.classifiers.methods import ALL_POSITIVE, WORDS, compare
from services.classifiers.paper_table import COLUMNS, Judge, Numbers, PaperTable, Split, Wanted
from services.classifiers.splits import k_fold, sixty_forty, truth_of
from services.classifiers.training import HeadRecipe, best_threshold, points, train_head
from services.depression.recipe import TrainingError
from tests.unit.classifiers.conftest import LetterEncoder, made

pytestmark = pytest.mark.lengthy

WEIGHTS = Weights("letters", "letters-package", "1.0", "Apache-2.0", "0" * 64, 2000)
RECIPE = HeadRecipe("low mood", ("emoticons", "case", "spaces"), folds=4)


def unwatched(_done: int, _total: int) -> None:
    pass


def written(posts: int = 60, face: Mapping[bool, str] | None = None, letters: str = "abs") -> Labelled:
    """Return posts of made-up words, each there once; positive ones have more of the last letter."""
    chance = random.Random(5)
    rows = []
    for number in range(posts):
        is_positive = number % 3 == 0
        weights = [1, 1, 4 if is_positive else 1][: len(letters)]
        words = ["".join(chance.choices(letters, weights, k=12)) for _ in range(4)]
        rows.append(LabelledPost(" ".join([*words, (face or {}).get(is_positive, "")]), is_positive))
    return each_once(rows)


def trained(labelled: Labelled, recipe: HeadRecipe = RECIPE) -> dict[str, bytes]:
    found = points(LetterEncoder(), labelled, recipe.preprocessing, 2000, unwatched)
    return train_head(labelled, found, WEIGHTS, {}, recipe)[0]


def test_a_trained_head_tells_posts_apart() -> None:
    classifier = made(trained(written()))

    positive, negative = classifier.classify([Post("ssas sssb sss sasb"), Post("abab baba bbaa")])

    assert positive.probability >= classifier.threshold > negative.probability
    assert (classifier.about, classifier.min_posts) == ("low mood", 1)


def test_equal_trainings_give_equal_models() -> None:
    assert trained(written()) == trained(written())


def test_a_report_says_what_posts_held_out_were_told() -> None:
    labelled = written()
    found = points(LetterEncoder(), labelled, RECIPE.preprocessing, 2000, unwatched)

    _, report = train_head(labelled, found, WEIGHTS, {}, RECIPE)

    assert (report.posts, report.positives) == (60, 20)
    assert report.folds["f1"].mean > 0.8
    assert report.folds["f1"].deviation < 0.2


@pytest.mark.parametrize(("steps", "leaks"), [(("spaces",), True), (("emoticons", "spaces"), False)])
def test_a_label_that_leaks_through_an_emoticon_does_not_where_the_step_is_taken(
    steps: Sequence[str], leaks: bool
) -> None:
    labelled = written(60, {True: "xD", False: ":P"}, letters="ab")

    classifier = made(trained(labelled, HeadRecipe("low mood", steps, folds=3)))
    happy, sad = classifier.classify([Post("abab baba xD"), Post("abab baba :P")])

    assert (abs(happy.probability - sad.probability) > 0.1) is leaks


def test_training_and_use_prepare_a_text_alike() -> None:
    encoder, recipe = LetterEncoder(), HeadRecipe("low mood", ("case", "mentions", "spaces"), folds=4)
    labelled = each_once([LabelledPost("@ann  SO sad", True), LabelledPost("tea", False)])
    points(encoder, labelled, recipe.preprocessing, 2000, unwatched)

    classifier = made(trained(written(), recipe))
    classifier.classify([Post("@ann  SO sad")])

    assert encoder.asked[0][0] == classifier._encoder.asked[-1][0] == "so sad"  # type: ignore[attr-defined]


@pytest.mark.parametrize("split", [k_fold, sixty_forty])
def test_the_posts_of_a_user_are_on_one_side(split: Split) -> None:
    labelled = each_once(
        LabelledPost(f"text {number}", number % 2 == 0, f"user {number % 20}") for number in range(100)
    )

    for fit, held in split(labelled, 5, 0):
        users = [{labelled.posts[number].user for number in some} for some in (fit, held)]
        assert users[0].isdisjoint(users[1])
        assert len(held) == (20 if split is k_fold else 40)


def test_a_single_fold_holds_no_post_out() -> None:
    with pytest.raises(TrainingError, match="1 fold holds no post out"):
        next(k_fold(written(), 1, 0))


def test_too_few_posts_of_a_class_are_one_line() -> None:
    with pytest.raises(TrainingError, match="1 posts of a class, too few for 4 folds"):
        trained(each_once([LabelledPost("so sad", True), LabelledPost("tea", False)]))


def test_methods_of_a_table_are_compared_on_the_same_folds() -> None:
    labelled, wanted = written(), Wanted(("spaces",), "", seed=0)
    asked: list[tuple[int, int]] = []

    def knows_all(fit: Numbers) -> Judge:
        return lambda held: asked.append((len(fit), len(held))) or truth_of(labelled)[held]  # type: ignore[func-returns-value]

    table = PaperTable(lambda *_: {"knows all": knows_all}, COLUMNS, k_fold)
    comparison = compare(labelled, table, wanted, 4, unwatched)

    f1 = {name: comparison.spreads(name)["f1"].mean for name in comparison.methods}
    assert list(f1) == [ALL_POSITIVE, WORDS, "knows all"]
    assert f1["knows all"] == 1
    # Words that nobody writes twice tell nothing.
    assert f1[WORDS] < 0.6
    assert f1[ALL_POSITIVE] == pytest.approx(0.5, abs=0.01)
    assert (comparison.posts, comparison.positives, comparison.folds) == (60, 20, 4)
    assert asked == 4 * [(45, 15), *15 * [(45, 1)]]


def test_a_table_may_put_a_method_of_its_own_in_the_place_of_one_beside() -> None:
    labelled = written()
    table = PaperTable(lambda *_: {WORDS: lambda _: lambda held: truth_of(labelled)[held]}, ("f1",), k_fold)

    comparison = compare(labelled, table, Wanted((), "", seed=0), 4, unwatched)

    assert list(comparison.methods) == [ALL_POSITIVE, WORDS]
    assert comparison.methods[WORDS] == {"f1": [1.0] * 4}


def test_of_equal_thresholds_the_one_in_the_middle_is_chosen() -> None:
    assert best_threshold(np.array([0.001, 0.002, 0.998]), np.array([0, 0, 1], np.bool_)) == 0.5


def test_measures_by_hand() -> None:
    truth, said = np.array([1, 1, 0, 0, 0], np.bool_), np.array([1, 0, 1, 0, 0], np.bool_)

    assert measured(truth, said) == Measures(accuracy=0.6, precision=0.5, recall=0.5, f1=0.5)
    assert measured(truth, ~truth & ~truth & False) == Measures(0.6, 0.0, 0.0, 0.0)
    assert over_folds([Measures(1, 1, 1, 1.0), Measures(1, 1, 1, 0.5)])["f1"] == Spread(0.75, 0.25)
