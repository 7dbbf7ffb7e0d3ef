"""A node does with documents what it says, and is refused all else, wherever they are kept."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from catenae.running.permitted import NotPermitted, permitted
from catenae.store import Documents
from catenae.stores import open_documents
from catenae.topology.node import Node

NODE = Node("n", "m:N", reads="t", documents={"seen": "read", "log": "add", "own": "write"})
READS: dict[str, Callable[[Documents, str], object]] = {
    "get": lambda documents, name: documents.get(name, "a"),
    "get_many": lambda documents, name: documents.get_many(name, ["a"]),
    "find": lambda documents, name: documents.find(name, sort="x", limit=3),
    "count": lambda documents, name: documents.count(name),
}
ADDS: dict[str, Callable[[Documents, str], object]] = {
    "insert": lambda documents, name: documents.insert(name, {"id": "a"}),
    "ensure_index": lambda documents, name: documents.ensure_index(name, ["x"]),
}
WRITES: dict[str, Callable[[Documents, str], object]] = {
    "insert_new": lambda documents, name: documents.insert_new(name, [{"id": "a"}]),
    "upsert": lambda documents, name: documents.upsert(name, [{"id": "a"}]),
    "merge": lambda documents, name: documents.merge(name, [{"id": "a"}], create=False),
    "delete": lambda documents, name: documents.delete(name, ["a"]),
    "ensure_search": lambda documents, name: documents.ensure_search(name, ["x"], "at"),
}


@pytest.fixture
def whole() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as documents:
        yield documents


@pytest.fixture
def of_node(whole: Documents) -> Documents:
    found = permitted(whole, NODE)
    assert found is not None
    return found


@pytest.mark.parametrize("call", (READS | ADDS | WRITES).values(), ids=READS | ADDS | WRITES)
def test_what_is_its_own_it_may_do_all_with(of_node: Documents, call: Callable[..., object]) -> None:
    call(of_node, "own")


@pytest.mark.parametrize("call", (ADDS | WRITES).values(), ids=ADDS | WRITES)
def test_what_it_reads_it_does_not_change(of_node: Documents, call: Callable[..., object]) -> None:
    of_node.get("seen", "a")

    with pytest.raises(NotPermitted, match=r"node 'n' wants to \w+ documents of 'seen', and does not say so"):
        call(of_node, "seen")


@pytest.mark.parametrize("call", (READS | WRITES).values(), ids=READS | WRITES)
def test_what_it_adds_to_it_neither_sees_nor_changes(of_node: Documents, call: Callable[..., object]) -> None:
    assert of_node.insert("log", {"id": "a"})

    with pytest.raises(NotPermitted, match="documents of 'log'"):
        call(of_node, "log")


def test_other_collections_are_not_there_for_it(whole: Documents, of_node: Documents) -> None:
    whole.upsert("accounts", [{"id": "ann"}])
    whole.upsert("seen", [{"id": "ann"}])

    assert of_node.collections() == ["seen"]
    with pytest.raises(NotPermitted, match="add 'accounts': 'read' to its documents="):
        of_node.get("accounts", "ann")


def test_a_node_that_says_nothing_has_all_of_them(whole: Documents) -> None:
    assert permitted(whole, Node("n", "m:N", reads="t")) is whole
