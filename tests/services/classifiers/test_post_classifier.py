"""A node that runs a classifier: a word of evidence for each post, whatever the batch."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from catenae import ConfigError, Message
from catenae.testing import message
from services.classifiers.classifier import Post
from services.classifiers.kinds import load_classifier
from services.classifiers.post_classifier import PostJudge, batches, row_of

Posts = Sequence[dict[str, Any]]


@contextmanager
def judging(model: Path, **options: Any) -> Iterator[PostJudge]:
    node = PostJudge(str(model), **options)
    node.setup()
    yield node
    node.teardown()


def judge(model: Path, *records: Any, **options: Any) -> list[Message]:
    with judging(model, **options) as node:
        return list(node.transform_many([message(record) for record in records]))


def test_a_post_is_what_the_classifier_says_of_it(model_folder: Path, posts: Posts) -> None:
    (evidence,) = judge(model_folder, posts[0])

    classifier = load_classifier(model_folder)
    (judged,) = classifier.classify([Post(posts[0]["body"])], words=10)
    assert (evidence.key, evidence.value["post_id"], evidence.value["removed"]) == ("ann", "t1_1", False)
    assert (evidence.value["probability"], evidence.value["model"]) == (
        judged.probability,
        classifier.version,
    )
    assert evidence.value["words"] == [list(each) for each in judged.words]


@pytest.mark.parametrize("options", [{"batch_posts": 1}, {"batch_posts": 2}, {"batch_bytes": 1}, {}])
def test_how_posts_are_cut_into_batches_changes_nothing(
    model_folder: Path, posts: Posts, options: dict[str, int]
) -> None:
    together = judge(model_folder, *posts, {**posts[0], "removed": True}, *posts, **options)

    alone = [judge(model_folder, each)[0].value["probability"] for each in posts]
    assert [each.value["probability"] for each in together] == pytest.approx([*alone, 0.0, *alone], abs=1e-9)


def test_a_post_is_judged_with_the_thumbnails_that_there_are(model_folder: Path, posts: Posts) -> None:
    thumbnails = [{"pixels": b"one", "reason": ""}, {"pixels": b"", "reason": "gone"}]
    (row,) = [row_of(message({**posts[0], "thumbnails": thumbnails}))]

    assert (row.thumbnails, row_of(message(posts[0])).thumbnails) == ([b"one"], [])
    (alone,) = judge(model_folder, {**posts[0], "body": "", "thumbnails": thumbnails})
    assert (alone.rejected, alone.value["modality"]) == ("", "none")


def test_a_post_that_is_taken_away_is_passed_on_unjudged(model_folder: Path, posts: Posts) -> None:
    (evidence,) = judge(model_folder, {**posts[0], "removed": True})

    assert (evidence.value["removed"], evidence.value["probability"], evidence.value["words"]) == (
        True,
        0.0,
        [],
    )


def test_a_row_without_a_text_is_rejected_in_its_place(model_folder: Path, posts: Posts) -> None:
    first, odd, second = judge(model_folder, posts[0], {**posts[1], "author": ""}, posts[2])

    assert (first.value["post_id"], odd.rejected, second.value["post_id"]) == ("t1_1", "no author", "t1_3")


@pytest.mark.parametrize("option", ["threads", "batch_posts", "batch_bytes"])
def test_an_option_that_nothing_could_run_with_is_refused(option: str) -> None:
    with pytest.raises(ConfigError, match=f"option '{option}' of PostJudge is 0; give 1 or more"):
        PostJudge("model", **{option: 0})


@pytest.mark.parametrize(
    ("most", "most_bytes", "sizes"),
    [(2, 1000, [2, 2, 1]), (9, 80, [2, 1, 2]), (9, 1, [1, 1, 1, 1, 1]), (9, 10_000, [5])],
)
def test_a_batch_has_so_many_posts_and_bytes_at_most(most: int, most_bytes: int, sizes: list[int]) -> None:
    posts = [Post(text) for text in ("a" * 10, "b" * 10, "c" * 90, "d" * 10, "e" * 10)]

    cut = list(batches(posts, most, most_bytes))

    assert [len(each) for each in cut] == sizes
    assert [post for each in cut for post in each] == posts
