"""Datasets: what they hold, what they hide, and that the next training reads them."""

import codecs
import csv
import io
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

from services.api.collaborators import Collaborators
from services.api.datasets.export import ExportError, export
from services.api.datasets.selection import Selection, Which
from services.depression.model.collections import open_collection
from tests.services.api.people import HOSTILE, alert, post

DATASETS = "/api/v1/datasets"


@pytest.fixture
def stored(here: Collaborators) -> Collaborators:
    labels = {"ann": "risk", "bob": "no_risk", "cid": None, "dan": "risk"}
    hidden = {"dan": {"hidden": True}}
    here.documents.upsert(
        "alerts",
        [
            alert(name, **({"label": label} if label else {}), **hidden.get(name, {}))
            for name, label in labels.items()
        ],
    )
    here.documents.upsert("posts", [post(name, number) for name in labels for number in range(3)])
    here.documents.upsert("posts", [post("ann", 7, body=HOSTILE), _titled("=1+1", "@x")])
    return here


def _titled(body: str, title: str) -> dict[str, Any]:
    return post("ann", 8, id="t3_ann8", kind="submission", body=body, title=title)


def lines(client: TestClient, which: str, **query: Any) -> list[Any]:
    answer = client.get(f"{DATASETS}/{which}", params=query)
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.split("\n") if line]


def test_there_is_one_for_each_label_and_one_for_all(curator: TestClient, stored: Collaborators) -> None:
    found = curator.get(DATASETS).json()

    assert {each["label"]: each["users"] for each in found["datasets"]} == {"risk": 1, "no_risk": 1, "all": 2}


def test_one_holds_the_posts_of_its_users_by_real_names_if_asked(
    curator: TestClient, stored: Collaborators
) -> None:
    found = lines(curator, "all", names="real")

    assert [each["author"] for each in found] == ["ann"] * 5 + ["bob"] * 3
    assert {(each["author"], each["label"]) for each in found} == {("ann", "risk"), ("bob", "no_risk")}
    assert found[3]["body"] == HOSTILE


def test_pseudonyms_leave_no_way_back(curator: TestClient, stored: Collaborators) -> None:
    text = curator.get(f"{DATASETS}/risk").text

    assert "ann" not in text
    assert "t3_x" not in text
    assert "/r/tea/x" not in text
    assert text == curator.get(f"{DATASETS}/risk").text


def test_csv_holds_no_formula(curator: TestClient, stored: Collaborators) -> None:
    content = curator.get(f"{DATASETS}/risk", params={"format": "csv", "names": "real"}).content
    text = content.decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 5
    assert "\x00" not in text
    assert (rows[4]["body"], rows[4]["title"]) == ("'=1+1", "'@x")
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_csv_holds_no_formula_in_sheets_that_part_cells_otherwise(
    curator: TestClient, stored: Collaborators
) -> None:
    bodies = ['hello;=HYPERLINK("http://x.example/?"&A1)', "a\t @b;+1", "a\n-2;=3", "well ;-) done"]
    stored.documents.upsert("posts", [post("bob", 10 + at, body=body) for at, body in enumerate(bodies)])
    text = curator.get(f"{DATASETS}/no_risk", params={"format": "csv"}).text.removeprefix("\ufeff")

    for separator in (";", "\t", ","):
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=separator) for cell in row]
        assert not [each for each in cells if each.lstrip(' "').startswith(("=", "+", "@", "-2"))]
    assert "well ;-) done" in text
    assert all(line.startswith('"t1_') for line in text.split("\r\n")[1:-1])


@pytest.fixture
def raw(stored: Collaborators) -> Collaborators:
    """What a producer may send: more fields than there are, and fewer."""
    more = {"author_fullname": "t2_secret", "url": "https://x.example/ann", "author_flair_text": "I am ann"}
    own = {"subreddit": "u_Ann", "body": "I, ann, am u/ANN and not /user/bob_2", **more}
    lacking = {"id": "t1_lack", "author": "ann", "body": "words", "created_utc": 5}
    odd = {"id": "t1_odd", "author": "ann", "body": ["x"], "title": 5, "created_utc": 10**18}
    stored.documents.upsert("posts", [post("ann", 20, **own), lacking, odd])
    return stored


@pytest.mark.parametrize("form", ["jsonl", "csv", "erisk"])
def test_no_field_and_no_mention_leads_back(curator: TestClient, raw: Collaborators, form: str) -> None:
    content = curator.get(f"{DATASETS}/risk", params={"format": form}).content
    if form == "erisk":
        with ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())

    for trace in (b"ann", b"bob", b"t2_secret", b"x.example", b"flair"):
        assert trace not in content.lower()


@pytest.mark.parametrize(
    "body",
    [
        "I, ANN, or _ann_, am **Ann**",
        "see https://www.reddit.com/user/bob_2/comments/x and old.reddit.com/u/Bob_2",
        "https://reddit.com/r/u_bob_2/comments/x, crossposted from r/u_bob_2",
        "_u/bob_2_ and /U/bob_2 and (user/bob_2)",
        "thanks @bob_2, and @bob_2.bsky.social, and @me.bob_2.example",
    ],
)
def test_a_name_is_hidden_however_a_text_writes_it(
    curator: TestClient, stored: Collaborators, body: str
) -> None:
    stored.documents.upsert("posts", [post("ann", 20, body=body)])

    content = curator.get(f"{DATASETS}/risk").text.lower()

    assert "ann" not in content
    assert "bob_2" not in content


@pytest.mark.parametrize("body", ["the menu/item of joanna", "ann@", "@", "u/", "r/annoyed, user_", "a@bc"])
def test_what_is_no_name_stays(curator: TestClient, stored: Collaborators, body: str) -> None:
    stored.documents.upsert("posts", [post("zoe", 20, body=body)])
    stored.documents.upsert("alerts", [alert("zoe", label="risk")])

    assert body in [each["body"] for each in lines(curator, "risk")]


def test_a_profile_keeps_being_one(curator: TestClient, raw: Collaborators) -> None:
    (found,) = (each for each in lines(curator, "risk") if each["subreddit"].startswith("u_"))

    assert found["subreddit"] == f"u_{found['author']}"
    assert found["body"].startswith(f"I, {found['author']}, am u/{found['author']} and not /user/user_")


@pytest.mark.parametrize("form", ["jsonl", "csv", "erisk"])
@pytest.mark.parametrize("names", ["pseudonyms", "real"])
def test_a_download_ends_whole_whatever_a_row_lacks(
    curator: TestClient, raw: Collaborators, form: str, names: str, tmp_path: Path
) -> None:
    content = curator.get(f"{DATASETS}/risk", params={"format": form, "names": names}).content

    if form == "erisk":
        with ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(tmp_path)
        (posts,) = open_collection(tmp_path).posts.values()
        assert len(posts) == 7
    else:
        assert content.count(b"\n") == 7 + (form == "csv")


def test_what_is_no_text_is_counted(raw: Collaborators, tmp_path: Path) -> None:
    selection = Selection(raw.documents, Which.RISK, raw.pseudonyms)
    export(selection, tmp_path / "labelled")

    assert selection.left_out == {"bad created_utc": 1}


@pytest.mark.parametrize("names", ["pseudonyms", "real"])
def test_the_erisk_layout_is_read_by_the_training(
    curator: TestClient, stored: Collaborators, tmp_path: Path, names: str
) -> None:
    stored.documents.upsert("posts", [post("ann", 9, body="a ]]> b & <c> \x00\ud7ff\uffff")])
    packed = curator.get(f"{DATASETS}/all", params={"format": "erisk", "names": names}).content

    with ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path)
    collection = open_collection(tmp_path)
    assert sorted(collection.truth.values()) == [False, True]
    assert sorted(len(posts) for posts in collection.posts.values()) == [3, 6]
    assert ("ann" in collection.truth) == (names == "real")
    assert any("a ]]> b & <c>" in each.text for posts in collection.posts.values() for each in posts)


def test_a_download_is_in_the_log(
    curator: TestClient, administrator: TestClient, stored: Collaborators
) -> None:
    curator.get(f"{DATASETS}/risk", params={"names": "real"})

    (event,) = administrator.get("/api/v1/audit", params={"account": "the_curator"}).json()["items"][:1]
    assert event["detail"] == {"dataset": "risk", "format": "jsonl", "names": "real"}


@pytest.mark.parametrize("real_names", [False, True])
def test_what_was_labelled_is_exported_for_the_training(
    stored: Collaborators, tmp_path: Path, real_names: bool
) -> None:
    selection = Selection(stored.documents, Which.ALL, None if real_names else stored.pseudonyms)

    assert export(selection, tmp_path / "labelled") == (2, 8)

    collection = open_collection(tmp_path / "labelled")
    assert sorted(collection.truth.values()) == [False, True]
    assert ("ann" in collection.truth) is real_names
    assert sorted(len(posts) for posts in collection.posts.values()) == [3, 5]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_spreadsheet_reads_utf_8_and_a_program_no_mark(curator: TestClient, form: str) -> None:
    content = curator.get(f"{DATASETS}/risk", params={"format": form}).content

    assert content.startswith(codecs.BOM_UTF8) is (form == "csv")
    assert content.count(codecs.BOM_UTF8) == (form == "csv")


def test_an_export_writes_over_nothing(stored: Collaborators, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")

    with pytest.raises(ExportError, match="not empty"):
        export(Selection(stored.documents, Which.ALL, None), tmp_path)
