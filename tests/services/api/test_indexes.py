"""Whatever is read of the documents is served by an index, and in its order, however much there is."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple, cast

import pytest
from starlette.testclient import TestClient

from catenae import Between, Documents, open_documents
from services.api.application import Application
from services.api.collaborators import Collaborators
from tests.services.api.people import alert, post, probability, topic, topic_post, user_document

QUERIES = {
    "/alerts": [
        "",
        "sort=probability",
        "label=none",
        "label=risk&sort=probability",
        "hidden=true",
        "label=again",
        "label=again&sort=probability",
        "whose=mine",
        "whose=nobodys&label=none&sort=raised",
        "sort=probability&at_least=0.4&below=0.6",
    ],
    "/audit": ["", "user=ann"],
    "/users": ["prefix=a"],
    "/users/ann/posts": [
        "",
        "kind=comment",
        "sort=recent",
        "sort=recent&kind=comment",
        "sort=oldest&find=tea",
    ],
    "/topics/x/posts": ["", "label=signs", "place=ES&word=tea", "label=signs&from_utc=1"],
    "/topics/x/counts": ["", "place=ES"],
}
PARTS = {"user": "ann", "post_id": "t1_ann1", "topic": "x", "which": "all"}


class Read(NamedTuple):
    """What was asked of the documents; a count has no order."""

    collection: str
    equal: frozenset[str]
    ranges: frozenset[str]
    sort: str


class Watched:
    """Documents that remember what they are asked, and by what they are indexed."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self.indexes: dict[str, list[list[str]]] = {}
        self.reads: list[Read] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)

    def ensure_index(self, collection: str, fields: Sequence[str]) -> None:
        self.indexes.setdefault(collection, []).append(list(fields))
        self._documents.ensure_index(collection, fields)

    def find(self, collection: str, where: Any = None, *, sort: str = "id", **rest: Any) -> Any:
        self._note(collection, where or {}, sort)
        return self._documents.find(collection, where, sort=sort, **rest)

    def count(self, collection: str, where: Any = None) -> int:
        self._note(collection, where or {}, "")
        return self._documents.count(collection, where)

    def serves(self, read: Read) -> bool:
        """Say whether an index begins with what must be equal, and goes on with the order and its bounds."""
        if "id" in read.equal or (not read.equal and read.sort in ("id", "") and read.ranges <= {"id"}):
            return True
        return any(
            frozenset(index[: len(read.equal)]) == read.equal
            and (rest := [*index[len(read.equal) :], "id"])
            and read.sort in ("", rest[0])
            and read.ranges <= {rest[0]}
            for index in self.indexes.get(read.collection, [])
        )

    def _note(self, collection: str, where: Mapping[str, Any], sort: str) -> None:
        ranges = frozenset(field for field, value in where.items() if isinstance(value, Between))
        self.reads.append(Read(collection, frozenset(where) - ranges, ranges, sort))


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield cast("Documents", Watched(opened))


@pytest.mark.lengthy
def test_every_read_is_served_by_an_index(
    administrator: TestClient, built: Application, here: Collaborators, documents: Documents
) -> None:
    watched = cast("Watched", documents)
    here.prepare()
    documents.upsert("alerts", [alert("ann")])
    documents.upsert("users", [user_document("ann")])
    documents.upsert("posts", [post("ann", 1)])
    documents.upsert("probabilities", [probability("ann", 1)])
    documents.upsert("topics", [topic("x")])
    documents.upsert("topic_posts", [topic_post("x", 1)])
    watched.reads.clear()

    for path, operations in built.openapi()["paths"].items():
        if "get" in operations:
            filled = path.format(**PARTS)
            for query in QUERIES.get(filled.removeprefix("/api/v1"), [""]):
                assert administrator.get(f"{filled}?{query}").status_code < 500
    here.watch.look(here.now_s())

    assert [each for each in watched.reads if not watched.serves(each)] == []
    assert {each.collection for each in watched.reads} >= {"alerts", "audit", "posts", "probabilities"}
