"""Documents of an index, each under its id; by a server that answers as OpenSearch's documentation says."""

import base64
from collections.abc import Iterator

import pytest

from catenae.connectors.asking import ServerAway, ServerRefuses
from catenae.connectors.opensearch import OpenSearchIndex
from catenae.errors import ConfigError
from catenae.secret import Secret
from catenae.testing import TestDriver, message
from catenae.testing.trouble import Point
from catenae.topology.graph import Topology
from catenae.topology.node import Node
from tests.servers.bulk_index import BulkIndex

INDEX = Node("index", "catenae.connectors.opensearch:OpenSearchIndex", reads="posts", batch_records=2)
TOPOLOGY = Topology("search", (INDEX,), partitions=1, external=("posts",))


@pytest.fixture
def server() -> Iterator[BulkIndex]:
    with BulkIndex() as server:
        yield server


def driven(server: BulkIndex) -> TestDriver:
    return TestDriver(
        TOPOLOGY, {"index": {"url": server.url, "index": "posts", "id_field": "id", "personal": "user"}}
    )


@pytest.mark.parametrize("point", ["before commit", "after commit"])
def test_each_document_is_there_once_whenever_the_leaf_is_killed(server: BulkIndex, point: Point) -> None:
    with driven(server) as search:
        for turn in range(3):
            search.kill("index", point)
            search.send("posts", *({"id": f"p{n}", "turn": turn} for n in range(3)), key="ann")

    assert server.documents == {f"p{n}": {"id": f"p{n}", "turn": 2} for n in range(3)}


def test_what_the_server_puts_off_is_sent_until_all_is_taken(server: BulkIndex) -> None:
    server.outcomes = {"p1": [(429, "circuit_breaking_exception")] * 2}
    with driven(server) as search:
        search.send("posts", *({"id": f"p{n}"} for n in range(3)), key="ann")
        search.advance(5)

        assert search.read("posts.dead") == []
    assert sorted(server.documents) == ["p0", "p1", "p2"]


def test_what_the_server_refuses_is_set_aside_alone_and_not_quoted(server: BulkIndex) -> None:
    server.outcomes = {"p1": [(400, "mapper_parsing_exception")] * 2}
    with TestDriver(
        TOPOLOGY, {"index": {"url": server.url, "index": "posts", "id_field": "id"}}, expect_errors=True
    ) as search:
        search.send("posts", *({"id": f"p{n}"} for n in range(3)), key="ann")

        (dead,) = search.read("posts.dead")
    assert dead.value == {"id": "p1"}
    assert sorted(server.documents) == ["p0", "p2"]
    with pytest.raises(ServerRefuses) as refused:
        OpenSearchIndex(server.url, "posts", "id").consume(message(server.hard_to_take("p3")))
    assert str(refused.value) == "OpenSearch does not take 1 documents: mapper_parsing_exception"


def test_what_is_forgotten_is_removed_also_before_a_search_would_find_it(server: BulkIndex) -> None:
    with driven(server) as search:
        for user in ("ann", "bob"):
            search.send("posts", {"id": f"of {user}", "user": user}, key=user)
        search.forget("ann")

    assert list(server.documents) == ["of bob"]


def test_a_document_that_changes_while_it_is_removed_is_looked_for_again(server: BulkIndex) -> None:
    server.conflicts = 1

    with pytest.raises(ServerAway, match="changed documents of a key"):
        OpenSearchIndex(server.url, "posts", personal="user").forget(message(None, "ann"))


def test_without_a_field_the_id_is_the_messages_own(server: BulkIndex) -> None:
    OpenSearchIndex(server.url, "posts").consume(message({"n": 1}, id="posts[0]@7"))

    assert server.documents == {"posts[0]@7": {"n": 1}}


def test_the_user_is_known_by_a_header_and_seen_nowhere_else(server: BulkIndex) -> None:
    index = OpenSearchIndex(server.url, "posts", user="ann", password=Secret("unsaid"))
    index.consume(message({"n": 1}))

    assert server.authorizations == {f"Basic {base64.b64encode(b'ann:unsaid').decode()}"}
    with pytest.raises(ConfigError, match="has a user or password in it"):
        OpenSearchIndex("https://ann:unsaid@host", "posts")
