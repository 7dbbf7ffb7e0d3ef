"""Documents in a real OpenSearch, each under its id."""

import json
import urllib.request
import uuid
from typing import Any

import pytest

from catenae.connectors.asking import ServerRefuses
from catenae.connectors.opensearch import OpenSearchIndex
from catenae.testing import TestDriver, message
from catenae.testing.trouble import Point
from catenae.topology.graph import Topology
from catenae.topology.node import Node

pytestmark = pytest.mark.servers

INDEX = Node("index", "catenae.connectors.opensearch:OpenSearchIndex", reads="posts", batch_records=2)
TOPOLOGY = Topology("search", (INDEX,), partitions=1, external=("posts",))


def found(url: str, index: str) -> dict[str, Any]:
    """Return all documents of an index, by id."""
    urllib.request.urlopen(urllib.request.Request(f"{url}/{index}/_refresh", b"")).close()
    with urllib.request.urlopen(f"{url}/{index}/_search?size=1000") as answer:
        return {each["_id"]: each["_source"] for each in json.load(answer)["hits"]["hits"]}


@pytest.mark.parametrize("point", ["before commit", "after commit"])
def test_each_document_is_there_once_and_what_is_forgotten_is_gone(opensearch: str, point: Point) -> None:
    index = f"posts-{uuid.uuid4().hex[:8]}"
    options = {"url": opensearch, "index": index, "id_field": "id", "personal": "user.keyword"}
    with TestDriver(TOPOLOGY, {"index": options}) as search:
        for turn, user in enumerate(("ann", "bob")):
            search.kill("index", point)
            search.send(
                "posts", *({"id": f"{user} {n}", "user": user, "n": turn} for n in range(3)), key=user
            )
        assert sorted(found(opensearch, index)) == [
            f"{user} {n}" for user in ("ann", "bob") for n in range(3)
        ]
        search.forget("ann")

    assert found(opensearch, index) == {
        f"bob {n}": {"id": f"bob {n}", "user": "bob", "n": 1} for n in range(3)
    }


def test_what_does_not_fit_the_index_is_refused_and_not_quoted(opensearch: str) -> None:
    leaf = OpenSearchIndex(opensearch, f"posts-{uuid.uuid4().hex[:8]}")
    leaf.consume(message({"n": 1}))

    with pytest.raises(
        ServerRefuses, match=r"^OpenSearch does not take 1 documents: mapper_parsing_exception$"
    ):
        leaf.consume(message({"n": "what nobody is to read"}))
