"""Datasets: what they hold, what they hide, and that the next training reads them."""

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
    here.documents.upsert("posts", [post("ann", 7, body=HOSTILE), post("ann", 8, body="=1+1", title="@x")])
    return here


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
    text = curator.get(f"{DATASETS}/risk", params={"format": "csv", "names": "real"}).text

    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 5
    assert "\x00" not in text
    assert (rows[4]["body"], rows[4]["title"]) == ("'=1+1", "'@x")
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


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


def test_an_export_writes_over_nothing(stored: Collaborators, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", "utf-8")

    with pytest.raises(ExportError, match="not empty"):
        export(Selection(stored.documents, Which.ALL, None), tmp_path)
