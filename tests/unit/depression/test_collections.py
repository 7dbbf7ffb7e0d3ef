"""Collections in both layouts, and everything that can be wrong with one."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from services.depression.model.collection import (
    Collection,
    CollectionError,
    DuplicateId,
    TruthMismatch,
    UnreadableLine,
)
from services.depression.model.collections import open_collection


def row(name: str, author: str = "ann", at: Any = 1, **changes: Any) -> dict[str, Any]:
    """Return a comment as dumps have it."""
    return {"id": name, "author": author, "created_utc": at, "body": f"text {name}"} | changes


def jsonl(folder: Path, *rows: Any, truth: str = "ann\t1\n") -> Path:
    """Write a JSONL collection."""
    (folder / "stream.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    (folder / "risk_golden_truth.txt").write_text(truth)
    return folder


def erisk(folder: Path, documents: dict[str, str], truth: str = "ann 1\n") -> Path:
    """Write an eRisk collection."""
    for name, content in documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (folder / "risk_golden_truth.txt").write_text(truth)
    return folder


def individual(*writings: tuple[str, str, str], subject: str = "ann") -> str:
    """Return one XML document."""
    parts = [
        f"<WRITING>\n<TITLE> {title} </TITLE><DATE> {date} </DATE><INFO/><TEXT>\n{text}\n</TEXT></WRITING>"
        for title, date, text in writings
    ]
    return f"<INDIVIDUAL>\n<ID>{subject}</ID>\n{''.join(parts)}</INDIVIDUAL>"


def texts(collection: Collection, user: str = "ann") -> list[str]:
    """Return what one user wrote."""
    return [post.text for post in collection.posts[user]]


def test_a_stream_is_told_apart_by_user_and_put_in_order(tmp_path: Path) -> None:
    rows = [row("b", at=5), row("c", "bob", at="3"), row("a", at=2.5), row("d", at=5)]
    found = open_collection(jsonl(tmp_path, *rows, truth="ann\t1\nbob  0\n"))

    assert found.truth == {"ann": True, "bob": False}
    assert texts(found) == ["text a", "text b", "text d"]
    assert texts(found, "bob") == ["text c"]


def test_odd_rows_are_set_aside_by_reason(tmp_path: Path) -> None:
    rows = [row("a"), row("b", "[deleted]"), row("c", at="soon"), row("d", at="soon"), [1]]

    assert open_collection(jsonl(tmp_path, *rows)).set_aside == {
        "deleted author": 1,
        "bad created_utc": 2,
        "not an object": 1,
    }


def test_several_streams_are_one_collection(tmp_path: Path) -> None:
    (tmp_path / "more.jsonl").write_text(json.dumps(row("z", at=0)))

    assert texts(open_collection(jsonl(tmp_path, row("a")))) == ["text z", "text a"]


def test_chunks_of_erisk_are_read_as_numbers_and_by_date(tmp_path: Path) -> None:
    late, early = "2015-05-01 12:22:21", "2015-04-01 00:00:00"
    documents = {
        "chunk10/ann_10.xml": individual(("", late, "third &amp; last")),
        "chunk2/ann_2.xml": individual(("a title", late, "second"), ("", early, "first")),
    }
    found = open_collection(erisk(tmp_path, documents))

    assert texts(found) == ["\nfirst", "a title\nsecond", "\nthird & last"]
    assert found.posts["ann"][1].created_utc == 1430482941


def test_odd_writings_are_set_aside(tmp_path: Path) -> None:
    writings = [("", "2015-05-01 12:22:21", "fine"), ("", "May", "odd"), ("", "2015-05-01 12:22:21", " ")]
    found = open_collection(erisk(tmp_path, {"ann.xml": individual(*writings)}))

    assert (texts(found), found.set_aside) == (["\nfine"], {"bad created_utc": 1, "no text": 1})


def test_a_date_is_read_with_parts_of_one_digit_and_in_the_sixtieth_second(tmp_path: Path) -> None:
    writings = [("", "2015-5-1 1:2:3", "loose"), ("", "2016-12-31 23:59:60", "a leap second")]
    found = open_collection(erisk(tmp_path, {"ann.XML": individual(*writings)}))

    assert [post.created_utc for post in found.posts["ann"]] == [1430442123, 1483228800]


def test_a_writing_is_read_as_a_row_of_reddits_is(tmp_path: Path) -> None:
    at = "2015-05-01 12:22:21"
    writings = [("[deleted by user]", at, "[removed]"), ("", at, "&amp;gt; theirs\n&amp;lt;3 mine")]
    found = open_collection(erisk(tmp_path, {"ann.xml": individual(*writings)}))

    assert (texts(found), found.set_aside) == (["\n\n<3 mine"], {"no text": 1})


REFUSED = [
    (
        '<!DOCTYPE x [<!ENTITY a "aaaa">]><INDIVIDUAL><ID>&a;</ID></INDIVIDUAL>',
        r"bad\.xml:1: a document type",
    ),
    ("<INDIVIDUAL>\n<ID>ann</INDIVIDUAL>", r"bad\.xml:2: mismatched tag"),
    ("<INDIVIDUAL></INDIVIDUAL>", r"bad\.xml:1: no <ID>"),
    ("", r"bad\.xml:1: no element found"),
]


@pytest.mark.parametrize(("content", "found"), REFUSED)
def test_a_document_that_cannot_be_trusted_is_left_out_and_counted(
    tmp_path: Path, content: str, found: str
) -> None:
    good = individual(("", "2015-05-01 12:22:21", "fine"))
    folder = erisk(tmp_path, {"ann.xml": good, "bad.xml": content})

    left = open_collection(folder)
    assert (texts(left), left.set_aside) == (["\nfine"], {"damaged document": 1})
    with pytest.raises(UnreadableLine, match=found):
        open_collection(folder, is_strict=True)


def test_of_a_damaged_document_what_stands_before_is_read(tmp_path: Path) -> None:
    whole = individual(*(("", "2015-05-01 12:22:21", text) for text in ("first", "second", "third")))
    found = open_collection(erisk(tmp_path, {"ann.xml": whole.partition("third")[0]}))

    assert (texts(found), found.set_aside) == (["\nfirst", "\nsecond"], {"damaged document": 1})


def test_a_line_that_is_no_json_is_left_out_or_named(tmp_path: Path) -> None:
    (tmp_path / "stream.jsonl").write_text(json.dumps(row("a")) + "\n\n{half\n")
    (tmp_path / "risk_golden_truth.txt").write_text("ann 1")

    assert open_collection(tmp_path).set_aside == {"no JSON in UTF-8": 1}
    with pytest.raises(UnreadableLine, match=r"stream\.jsonl:3: no JSON"):
        open_collection(tmp_path, is_strict=True)


def test_a_stream_cut_short_is_named(tmp_path: Path) -> None:
    path = jsonl(tmp_path, row("a")) / "stream.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-9])

    with pytest.raises(UnreadableLine, match=r"stream\.jsonl\.gz:1"):
        open_collection(tmp_path)


def test_of_two_posts_of_one_id_the_first_counts(tmp_path: Path) -> None:
    folder = jsonl(tmp_path, row("a"), row("b"), row("t1_a", body="another"))
    found = open_collection(folder)

    assert (texts(found), found.set_aside) == (["text a", "text b"], {"repeated id": 1})
    with pytest.raises(DuplicateId, match=r"gz:3: the id of this post was seen at .*gz:1"):
        open_collection(folder, is_strict=True)


def test_users_of_whom_only_posts_or_only_the_truth_is_known_are_left_out(tmp_path: Path) -> None:
    folder = jsonl(
        tmp_path, row("a"), row("b", "bob"), row("c", "cem", body="[removed]"), truth="ann 1\ncem 0"
    )
    found = open_collection(folder)

    assert found.truth == {"ann": True}
    assert found.set_aside == {"no text": 1, "user not in the truth": 1, "user without posts": 1}


def test_users_of_posts_and_of_truth_must_be_the_same_if_that_is_to_be_strict(tmp_path: Path) -> None:
    with pytest.raises(TruthMismatch, match=r"gz:2: a post of a user the golden truth does not name"):
        open_collection(jsonl(tmp_path, row("a"), row("b", "bob")), is_strict=True)
    with pytest.raises(TruthMismatch, match=r"truth\.txt:2: a user without posts, one of 2"):
        open_collection(jsonl(tmp_path, row("a"), truth="ann 1\nbob 0\ncem 0"), is_strict=True)


def test_a_collection_of_which_nobody_is_left_is_refused_with_the_reasons(tmp_path: Path) -> None:
    with pytest.raises(TruthMismatch, match="no user has a post; left out: 1 no text, 1 user without posts"):
        open_collection(jsonl(tmp_path, row("a", body="[removed]")))


@pytest.mark.parametrize(
    ("truth", "reason", "found"),
    [
        ("ann 1\nbob maybe", "line of the truth that is not `user 0|1`", r"truth\.txt:2: not `user 0\|1`"),
        ("ann 1\nann 1", "user named twice in the truth", r"truth\.txt:2: a user named before, on line 1"),
    ],
)
def test_a_line_of_the_truth_that_cannot_be_used_is_left_out(
    tmp_path: Path, truth: str, reason: str, found: str
) -> None:
    folder = jsonl(tmp_path, row("a"), truth=truth)

    assert (open_collection(folder).truth, open_collection(folder).set_aside) == ({"ann": True}, {reason: 1})
    with pytest.raises(CollectionError, match=found):
        open_collection(folder, is_strict=True)


def test_whose_truth_is_said_to_be_both_is_left_out(tmp_path: Path) -> None:
    found = open_collection(jsonl(tmp_path, row("a"), row("b", "bob"), truth="ann 1\nbob 0\nbob 1"))

    assert found.truth == {"ann": True}


def test_a_truth_without_users_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="no user"):
        open_collection(jsonl(tmp_path, row("a"), truth="\n"))


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    assert open_collection(jsonl(tmp_path, row("a"), truth="\ufeffann 1\n")).truth == {"ann": True}


def test_what_a_mac_hides_beside_the_files_is_left_alone(tmp_path: Path) -> None:
    folder = jsonl(tmp_path, row("a"))
    for name in ("._stream.jsonl.gz", "._risk_golden_truth.txt", "__MACOSX/._stream.jsonl.gz"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"\0\x05\x16\x07")

    assert texts(open_collection(folder)) == ["text a"]
    (folder / "stream.jsonl.gz").unlink()
    (folder / "ann.xml").write_text(individual(("", "2015-05-01 12:22:21", "fine")))
    (folder / "._ann.xml").write_bytes(b"\0\x05\x16\x07")
    assert texts(open_collection(folder)) == ["\nfine"]


def test_a_folder_without_a_collection_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"neither \.jsonl"):
        open_collection(tmp_path)
    with pytest.raises(CollectionError, match="no such folder"):
        open_collection(tmp_path / "none")


def test_a_collection_without_truth_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stream.jsonl").write_text(json.dumps(row("a")))

    with pytest.raises(CollectionError, match="0 files"):
        open_collection(tmp_path)


def test_no_error_names_a_user(tmp_path: Path) -> None:
    with pytest.raises(TruthMismatch) as caught:
        open_collection(jsonl(tmp_path, row("a"), truth="ann 1\nzoe_secret 0"), is_strict=True)

    assert "zoe_secret" not in str(caught.value)
