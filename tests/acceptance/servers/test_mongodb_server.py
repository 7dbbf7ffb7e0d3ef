"""The MongoDB that tests are lent: its client reaches it, and it outlives a kill."""

import uuid
from typing import Any

import pytest

from tests.servers.mongodb import MongoServer

pymongo = pytest.importorskip("pymongo")
pytestmark = pytest.mark.servers


def store(url: str, name: str) -> None:
    with pymongo.MongoClient(url) as client:
        client[name].posts.insert_one({"_id": 1, "text": "hello"})


def find(url: str, name: str) -> Any:
    with pymongo.MongoClient(url) as client:
        return client[name].posts.find_one({"text": "hello"})


def test_a_document_is_found_again(mongodb: str) -> None:
    name = f"smoke-{uuid.uuid4().hex}"

    store(mongodb, name)

    assert find(mongodb, name) == {"_id": 1, "text": "hello"}


def test_a_killed_mongodb_comes_back_with_its_documents(mongodb_server: MongoServer) -> None:
    store(mongodb_server.url, "smoke")

    mongodb_server.kill()
    mongodb_server.start()

    assert find(mongodb_server.url, "smoke") == {"_id": 1, "text": "hello"}
