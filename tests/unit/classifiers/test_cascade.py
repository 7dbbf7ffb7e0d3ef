"""A cascade: most posts are judged cheaply, those in doubt by the heavy part, and each by one version."""

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae import ConfigError, Middle
from catenae.testing import MemoryState, message
from services.classifiers.card import card_of
from services.classifiers.cascade import DoubtJudge, Sieve
from services.classifiers.cascading import train_cascade, ways
from services.classifiers.classifier import Post
from services.classifiers.evidence_aggregator import EvidenceAggregator
from services.classifiers.kinds import cascades, classifier_of, load_classifier
from services.classifiers.kinds.cascade import CascadeClassifier
from services.classifiers.labelled import Labelled, LabelledPost, each_once
from services.depression.model.artefact import Model, files_of
from services.depression.model.reading import FORMER
from services.depression.recipe import TrainingError
from services.models.folder import ModelError, read_folder, save_files
from tests.unit.classifiers.conftest import in_memory

WORDS = ("sad", "tea", "rain", "well")
CHEAP = Model(WORDS, np.ones(4), np.array([3.0, -3.0, 0.0, 0.0]), bias=-0.5, threshold=0.5)
# It knows what the cheap one does not.
HEAVY = Model(WORDS, np.ones(4), np.array([3.0, -3.0, 6.0, -6.0]), bias=-0.5, threshold=0.6)
Row = dict[str, Any]


def labelled() -> Labelled:
    chance = random.Random(3)
    rows = []
    for number in range(120):
        is_positive = number % 3 == 0
        some = chance.choices(("sad", "rain") if is_positive else ("tea", "well"), k=1)
        some += [*chance.choices(WORDS, k=2), f"word{number}"]
        rows.append(LabelledPost(" ".join(some), is_positive, f"user {number // 6}"))
    return each_once(rows)


def files(share: float = 0.3) -> dict[str, bytes]:
    return train_cascade(labelled(), in_memory(files_of(CHEAP)), in_memory(files_of(HEAVY)), share)


def cascade(share: float = 0.3) -> CascadeClassifier:
    return cascades(1)(in_memory(files(share)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of a cascade."""
    save_files(files(), tmp_path_factory.mktemp("cascade") / "model")
    return next(tmp_path_factory.getbasetemp().glob("cascade*/model"))


def test_a_cascade_has_a_card() -> None:
    card = card_of(in_memory(files()).manifest)

    assert "- Kind cascade; classes: 'no' and 'yes'" in card
    assert "Encoder" not in card


def row(number: int, text: str, user: str = "ann", **more: Any) -> Row:
    return {"id": f"t1_{number}", "author": user, "created_utc": number, "body": text, **more}


@contextmanager
def nodes(folder: Path, **options: Any) -> Iterator[tuple[Sieve, DoubtJudge, EvidenceAggregator]]:
    sieve, judge = Sieve(MemoryState(), str(folder), **options), DoubtJudge(str(folder))
    for each in (sieve, judge):
        each.setup()
    yield sieve, judge, EvidenceAggregator(MemoryState(), MemoryState())
    for each in (sieve, judge):
        each.teardown()


def through(some: Sequence[Middle], rows: Sequence[Row]) -> list[Any]:
    messages = [message(each, key=each["author"]) for each in rows]
    for node in some:
        messages = list(node.transform_many([each._replace(port="") for each in messages]))
    return [each.value for each in messages]


def test_as_many_posts_are_in_doubt_as_was_asked_for() -> None:
    posts = [Post(each.text) for each in labelled().posts]

    in_doubt = [sum(judged is None for judged in cascade(share).sift(posts)) for share in (0.0, 0.3, 1.0)]

    assert in_doubt[0] <= 1
    assert in_doubt[1] == pytest.approx(0.3 * len(posts), abs=0.15 * len(posts))
    assert in_doubt[2] >= 0.9 * len(posts)


def test_who_is_in_doubt_asks_the_heavy_part_and_nobody_else_does() -> None:
    posts = [Post(each.text) for each in labelled().posts]
    model = cascade()

    judged = model.classify(posts, words=2)

    heavy = classifier_of(in_memory(files_of(HEAVY))).classify(posts, words=2)
    expected = [said or weighed for said, weighed in zip(model.sift(posts, 2), heavy, strict=True)]
    assert judged == expected
    assert {said is None for said in model.sift(posts)} == {True, False}


def test_a_batch_changes_nothing() -> None:
    posts, model = [Post(each.text) for each in labelled().posts], cascade()

    together = [each.probability for each in model.classify(posts)]

    alone = [model.classify([post])[0].probability for post in posts]
    assert together == pytest.approx(alone, abs=1e-9)


def test_a_cascade_says_more_than_its_cheap_part_and_is_asked_less_than_its_heavy_one() -> None:
    found = dict(ways(cascade(), labelled(), first=1))

    cheap, both, heavy = found.values()
    assert cheap.measures.f1 < both.measures.f1 <= heavy.measures.f1
    assert (cheap.weighed, heavy.weighed) == (0.0, 1.0)
    assert 0.1 < both.weighed < 0.6
    assert both.area_of_users is not None


def test_a_cascade_is_one_model_whatever_is_changed_in_it() -> None:
    others = (
        train_cascade(labelled(), in_memory(files_of(cheap)), in_memory(files_of(heavy)), share)
        for cheap, heavy, share in ((HEAVY, HEAVY, 0.3), (CHEAP, CHEAP, 0.3), (CHEAP, HEAVY, 0.95))
    )

    versions = {json.loads(each["manifest.json"])["version"] for each in (files(), *others)}

    assert len(versions) == 4


@pytest.mark.parametrize("name", ["cheap.weights.npy", "heavy.manifest.json", "heavy.vocabulary.txt"])
def test_a_part_that_is_not_whole_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    contents = {**read_folder(folder).contents, name: b"other"}

    with pytest.raises(ModelError):
        cascades(1)(in_memory(contents))


def test_parts_that_read_texts_differently_make_no_cascade() -> None:
    former = in_memory(files_of(replace(CHEAP, reading=FORMER)))

    with pytest.raises(TrainingError, match="parts of reading 1 and 2 of texts"):
        train_cascade(labelled(), former, in_memory(files_of(HEAVY)), 0.1)


def test_a_cascade_within_a_cascade_and_another_kind_in_its_place_are_refused() -> None:
    within = train_cascade(labelled(), in_memory(files()), in_memory(files_of(HEAVY)), 0.1)

    with pytest.raises(ModelError, match="a cascade within a cascade"):
        classifier_of(in_memory(within))
    with pytest.raises(ModelError, match="kind 'linear', where a cascade is needed"):
        cascades(1)(in_memory(files_of(CHEAP)))


def test_the_first_posts_of_each_user_are_weighed_and_the_others_sifted(folder: Path) -> None:
    rows = [row(number, each.text, each.user) for number, each in enumerate(labelled().posts)]

    with nodes(folder, first=2) as (sieve, judge, _):
        found = through([sieve, judge], rows)

    model, heavy = load_classifier(folder), classifier_of(in_memory(files_of(HEAVY)))
    seen: dict[str, int] = {}
    for said, each in zip(found, rows, strict=True):
        seen[each["author"]] = seen.get(each["author"], 0) + 1
        by = heavy if seen[each["author"]] <= 2 else model
        assert said["probability"] == pytest.approx(by.classify([Post(each["body"])])[0].probability)
        assert (said["model"], "text" in said) == (model.version, False)


steps = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["ann", "bob"]), st.booleans()), min_size=1, max_size=20
)


@given(steps=steps)
def test_what_comes_goes_and_comes_twice_leaves_what_is_there(folder: Path, steps: Any) -> None:
    texts = [each.text for each in labelled().posts]
    came: set[tuple[int, str]] = set()
    rows = []
    for n, user, is_taken_away in steps:
        # What is taken away before it comes is another matter: see the tests of EvidenceAggregator.
        gone = is_taken_away and (n, user) in came
        (came.discard if gone else came.add)((n, user))
        rows.append(row(10 * n + (user == "bob"), texts[n], user, removed=gone))

    with nodes(folder) as (sieve, judge, counting):
        found = through([sieve, judge], rows)
        again = through([sieve, judge], rows)
        last = {(each["user"], each["post_id"]): each for each in found}
        through([counting], [{**each, "author": each["user"]} for each in found])
        pictures = {user: counting._pictures.get(user) or {} for user in ("ann", "bob")}

    # The same posts are the first ones, so that the same is said of each.
    assert again == found
    for user, of_user in pictures.items():
        there = [each["probability"] for key, each in last.items() if key[0] == user and not each["removed"]]
        total = sum(packed[1] for packed in of_user.values())
        assert total == pytest.approx(sum(there) * 1e9, abs=20)


def test_an_odd_row_is_rejected_in_its_place_and_one_of_a_version_that_is_nowhere_set_aside(
    folder: Path,
) -> None:
    with nodes(folder) as (sieve, judge, _):
        sent = list(sieve.transform_many([message({"body": "no author"}), message(row(1, "sad tea"))]))
        of_another = sent[1].derive({**sent[1].value, "model": "0123456789ab"})
        (set_aside,) = judge.transform_many([of_another])

    assert (sent[0].rejected, set_aside.rejected) == ("no id", "model not found")


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: Sieve(MemoryState(), "model", first=-1), "option 'first' of Sieve is -1"),
        (lambda: DoubtJudge("model", threads=0), "option 'threads' of DoubtJudge is 0"),
    ],
)
def test_an_option_that_nothing_could_run_with_is_refused(make: Any, found: str) -> None:
    with pytest.raises(ConfigError, match=found):
        make()
