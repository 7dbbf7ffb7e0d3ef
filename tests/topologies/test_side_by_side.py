"""Two screenings of the same texts, for depression and for gambling, reviewed one beside the other."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catenae import Documents, Message, open_documents
from catenae.operating.check import check
from catenae.testing import drain
from services.depression.model.artefact import Model, save_model
from services.forgetting.forget_recorder import PERSONAL
from services.screenings import documents_of, fields_of
from topologies.side_by_side import GAMBLING, topology

SIGNS = {"depression": "numb", GAMBLING: "casino"}
SCREENINGS = {"depression": "", GAMBLING: GAMBLING}
# Three posts of each, hours apart; the last one is in both.
WRITES = {
    "ann": "i feel numb",
    "bob": "i was at the casino",
    "eve": "i feel numb at the casino",
    "zoe": "i know",
}


def posts() -> Iterator[Message]:
    for hour in range(3):
        for user, text in WRITES.items():
            row = {"id": f"t1_{user}{hour}", "author": user, "created_utc": 7200 * (hour + 1), "body": text}
            yield Message(row, user)


def model_of(about: str) -> Model:
    """Return one that knows a single sign."""
    words = ("i", "feel", SIGNS[about])
    return Model(words, np.ones(3) * 1.5, np.array([-1.0, 0.0, 4.0]), -0.5, threshold=0.6, about=about)


@pytest.fixture
def documents() -> Iterator[Documents]:
    """Give documents in memory."""
    with closing(open_documents("sqlite:")) as found:
        yield found


@pytest.fixture
def options(tmp_path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return what has each screening use its model, and nothing replayed."""
    (tmp_path / "empty.jsonl").write_text("\n")
    for about in SIGNS:
        save_model(model_of(about), tmp_path / about)
    models = {
        node.name: {"model": str(tmp_path / (GAMBLING if node.name.startswith(GAMBLING) else "depression"))}
        for node in topology.nodes
        if "model" in node.options
    }
    return {**models, "replay": {"path": str(tmp_path / "empty.jsonl")}}


def alerted(documents: Documents) -> dict[str, set[str]]:
    return {
        about: {each["id"] for each in documents_of(documents, screening).find("alerts").documents}
        for about, screening in SCREENINGS.items()
    }


@pytest.mark.lengthy
def test_the_declaration_agrees_with_the_code() -> None:
    assert check(topology) == []


@pytest.mark.lengthy
def test_each_screening_finds_its_own_and_shows_it_apart(
    options: Mapping[str, Mapping[str, Any]], documents: Documents
) -> None:
    drain(topology, {"texts": list(posts())}, options, documents=documents)

    assert alerted(documents) == {"depression": {"ann", "eve"}, GAMBLING: {"bob", "eve"}}
    assert documents.count("users") == documents.count(f"{GAMBLING}_users") == len(WRITES)
    both = [documents.get(name, "t1_eve0") or {} for name in ("probabilities", f"{GAMBLING}_probabilities")]
    assert [each["words"][0][0] for each in both] == ["numb", "casino"]


@pytest.mark.lengthy
def test_a_post_that_is_taken_away_is_from_both(
    options: Mapping[str, Mapping[str, Any]], documents: Documents
) -> None:
    written = list(posts())
    gone = [each._replace(value={**each.value, "removed": True}) for each in written if each.key == "eve"]

    drain(topology, {"texts": [*written, *gone]}, options, documents=documents)

    for screening in SCREENINGS.values():
        found = documents_of(documents, screening).get("users", "eve") or {}
        assert (found["posts"], found["probability"]) == (0, pytest.approx(1 / (1 + np.exp(0.5))))


@pytest.mark.lengthy
def test_who_is_forgotten_is_in_neither_before_it_is_said_to_be_done(
    options: Mapping[str, Mapping[str, Any]], documents: Documents
) -> None:
    drain(topology, {"texts": list(posts())}, options, documents=documents)
    documents.upsert("forget_requests", [{"id": "eve", "status": "requested", "requested_ms": 1}])

    drain(topology, {"texts": []}, options, documents=documents, for_s=5)

    assert (documents.get("forget_requests", "eve") or {})["status"] == "done"
    fields = fields_of(PERSONAL, documents.collections())
    assert f"{GAMBLING}_alerts" in fields
    assert [name for name, field in fields.items() if documents.count(name, {field: "eve"})] == []
    assert alerted(documents) == {"depression": {"ann"}, GAMBLING: {"bob"}}
