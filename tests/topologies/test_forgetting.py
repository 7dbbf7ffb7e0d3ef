"""A request to forget goes through the screening and leaves nothing of its user, and all of the others."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catenae import Documents, Message, open_documents
from catenae.testing import drain
from services.forgetting.forget_recorder import PERSONAL
from services.forgetting.request import request
from topologies.depression import SCREENING, topology

Screening = tuple[Path, Callable[[Sequence[str]], Sequence[float]]]
WHO = "user 3"


def screened(
    texts: Sequence[Mapping[str, Any] | Message], model: Path, replay: Path, documents: Documents
) -> dict[str, list[Message]]:
    options: dict[str, Any] = {
        node.name: {"model": str(model)} for node in SCREENING if "model" in node.options
    }
    options["replay"] = {"path": str(replay)}
    messages = [text if isinstance(text, Message) else Message(text, text["author"]) for text in texts]
    return drain(topology, {"texts": messages}, options, documents=documents, for_s=5)


def left(documents: Documents, user: str) -> dict[str, int]:
    return {
        name: documents.count(name, {field: user}) for name, field in PERSONAL.items() if name != "visits"
    }


@pytest.mark.lengthy
def test_nothing_is_left_of_who_is_forgotten(
    screening: Screening, invented: Sequence[dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    with closing(open_documents("sqlite:")) as documents:
        screened(invented, screening[0], tmp_path / "empty.jsonl", documents)
        before = {user: left(documents, user) for user in (WHO, "user 6")}

    with closing(open_documents("sqlite:")) as documents:
        documents.upsert("forget_requests", [{"id": WHO, "status": "requested", "requested_ms": 1}])
        topics = screened(invented, screening[0], tmp_path / "empty.jsonl", documents)

        assert [each.key for each in topics["texts"] if each.is_to_forget] == [WHO]
        assert left(documents, WHO) == dict.fromkeys(before[WHO], 0) != before[WHO]
        assert left(documents, "user 6") == before["user 6"]
        assert (documents.get("forget_requests", WHO) or {})["status"] == "done"


@pytest.mark.lengthy
def test_who_writes_after_being_forgotten_starts_from_nothing(
    screening: Screening,
    invented: Sequence[dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    of_user = [post for post in invented if post["author"] == WHO]
    with closing(open_documents("sqlite:")) as documents:
        monkeypatch.setattr(f"{__name__}.topology", replace(topology, external=()))
        topics = screened(
            [*of_user[:-1], request(WHO), of_user[-1]], screening[0], tmp_path / "empty.jsonl", documents
        )

    last = [each.value for each in topics["user_probabilities"] if "posts" in each.value][-1]
    own = [each.value for each in topics["text_probabilities"] if "post_id" in each.value][-1]
    assert last["posts"] == 1
    assert last["probability"] == own["post_probability"]
