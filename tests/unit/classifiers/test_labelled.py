"""Labelled posts of any layout, each text once; what is wrong with one is told by file and line."""

import json
from pathlib import Path

import pytest

from services.classifiers.labelled import LabelledPost, each_once, open_labelled
from services.depression.model.collection import CollectionError


def posts(*rows: tuple[str, bool]) -> list[LabelledPost]:
    return [LabelledPost(text, is_positive) for text, is_positive in rows]


def test_of_texts_that_are_alike_the_first_stays_and_the_rest_is_counted() -> None:
    found = each_once(
        posts(("so sad", True), ("RT", False), ("@ann So  SAD", True), ("so sad https://a.b/c", True))
    )

    assert [post.text for post in found.posts] == ["so sad", "RT"]
    assert (found.repeated, found.contradicting, found.positives) == (2, 0, 1)


def test_texts_that_are_labelled_both_ways_are_left_out() -> None:
    found = each_once(posts(("so sad", True), ("so sad!", True), ("So sad", False)))

    assert [post.text for post in found.posts] == ["so sad!"]
    assert (found.repeated, found.contradicting) == (0, 2)


def test_a_post_without_a_word_is_no_post() -> None:
    assert each_once(posts(("@ann https://a.b/c", True), ("tea", False))).posts == (
        LabelledPost("tea", False),
    )


def test_lines_and_tables_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "so sad", "label": true, "user": "ann"}\n')
    (tmp_path / "b.csv").write_text('\ufefftext,label\n"tea, please",0\n', "utf-8")

    found = open_labelled(tmp_path)

    assert found.posts == (LabelledPost("so sad", True, "ann"), LabelledPost("tea, please", False))
    assert found.has_users


def test_a_collection_of_users_labels_each_post_as_its_user(tmp_path: Path) -> None:
    rows = [
        {"id": f"t1_{user}", "author": user, "created_utc": 60, "kind": "comment", "body": f"I am {user}"}
        for user in ("ann", "bob")
    ]
    (tmp_path / "posts.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (tmp_path / "golden_truth.txt").write_text("ann 1\nbob 0\n")

    assert set(open_labelled(tmp_path).posts) == {
        LabelledPost("I am ann", True, "ann"),
        LabelledPost("I am bob", False, "bob"),
    }


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        (
            "a.jsonl",
            '{"text": "a", "label": 1}\n{"text": "b", "label": 2}\n',
            "a.jsonl:2: a label other",
        ),
        ("a.jsonl", '{"text": 7, "label": 1}\n', "a.jsonl:1: a row without a text"),
        ("a.jsonl", "[1]\n", "a.jsonl:1: a row without a text"),
        ("a.jsonl", "{\n", "a.jsonl:1: no JSON"),
        ("a.csv", "text,label\na,maybe\n", "a.csv:2: a label other than 1"),
        ("a.csv", "", "no labelled post"),
    ],
)
def test_what_is_no_labelled_post_is_told_by_its_place(
    tmp_path: Path, name: str, content: str, found: str
) -> None:
    (tmp_path / name).write_text(content)

    with pytest.raises(CollectionError, match=found):
        open_labelled(tmp_path / name)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    for name in ("none.jsonl", "none.csv"):
        with pytest.raises(CollectionError, match=name):
            open_labelled(tmp_path / name)
