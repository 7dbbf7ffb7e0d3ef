"""Documents outlive an outage of their server: unavailable at once, and going on afterwards."""

import time

import pytest

from catenae.errors import StoreUnavailable
from catenae.stores import open_documents
from tests.servers.mongodb import MongoServer

pytestmark = pytest.mark.servers
pytest.importorskip("pymongo", reason="the extra mongodb is not installed")


def test_documents_go_on_after_their_server_was_killed(mongodb_server: MongoServer) -> None:
    documents = open_documents(f"{mongodb_server.url}outage?serverSelectionTimeoutMS=500")
    documents.upsert("posts", [{"id": "before"}])
    mongodb_server.kill()
    started_s = time.monotonic()
    with pytest.raises(StoreUnavailable, match="does not answer"):
        documents.upsert("posts", [{"id": "lost"}])
    assert time.monotonic() - started_s < 5
    mongodb_server.start()

    documents.upsert("posts", [{"id": "after"}])
    found = [document["id"] for document in documents.find("posts").documents]
    documents.close()

    assert found == ["after", "before"]


def test_an_upsert_larger_than_a_server_takes_at_once_is_stored_whole(mongodb: str) -> None:
    documents = open_documents(f"{mongodb}large")
    documents.upsert("posts", [{"id": f"{number}"} for number in range(250)])
    count = documents.count("posts")
    documents.close()

    assert count == 250
