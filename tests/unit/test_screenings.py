"""Several screenings in one place keep what they find apart, and share the rest."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from catenae import Documents, open_documents
from services.screenings import documents_of, fields_of, screenings


@pytest.fixture
def documents() -> Iterator[Documents]:
    """Give documents in memory."""
    with closing(open_documents("sqlite:")) as found:
        yield found


def test_what_is_its_own_is_apart_and_the_rest_is_shared(documents: Documents) -> None:
    second = documents_of(documents, "gambling")
    for kept in (documents, second):
        kept.upsert("alerts", [{"id": "ann", "by": "first" if kept is documents else "second"}])
        kept.upsert("posts", [{"id": "t1_1"}])

    assert (documents.get("alerts", "ann") or {})["by"] == "first"
    assert (second.get("alerts", "ann") or {})["by"] == "second"
    assert documents.count("posts") == second.count("posts") == 1
    second.delete("alerts", ["ann"])
    assert (second.count("alerts"), documents.count("alerts")) == (0, 1)


def test_the_first_screening_has_the_documents_as_they_are(documents: Documents) -> None:
    assert documents_of(documents, "") is documents


def test_who_is_to_be_forgotten_is_looked_for_in_all_of_them(documents: Documents) -> None:
    documents_of(documents, "gambling").upsert("probabilities", [{"id": "t1_1", "user": "ann"}])

    found = fields_of({"posts": "author", "alerts": "user"}, documents.collections())

    assert screenings(documents.collections()) == ["", "gambling"]
    assert found == {"posts": "author", "alerts": "user", "gambling_alerts": "user"}
