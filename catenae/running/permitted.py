"""Documents as one node may have them: what `Node(documents=)` says is held to wherever they are kept."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catenae.errors import StoreError
from catenae.store import Document, Documents, Page
from catenae.topology.node import Access, Node


class NotPermitted(StoreError):
    """A node does with a collection what its declaration does not say."""

    def __init__(self, node: str, access: Access, collection: str) -> None:
        self.node, self.access, self.collection = node, access, collection
        super().__init__(
            f"node {node!r} wants to {access} documents of {collection!r}, and does not say so; "
            f"add {collection!r}: {access!r} to its documents="
        )


class PermittedDocuments:
    """Documents of which a node does what it says it does; `NotPermitted` else, as from MongoDB.

    So that a declaration that lacks something is found wherever the topology runs first.
    """

    def __init__(self, documents: Documents, node: Node) -> None:
        self._documents = documents
        self._node = node.name
        self._allowed: Mapping[str, Access] = node.documents or {}

    def ensure_index(self, collection: str, fields: Sequence[str]) -> None:
        self._to("add", collection).ensure_index(collection, fields)

    def upsert(self, collection: str, documents: Iterable[Document]) -> None:
        self._to("write", collection).upsert(collection, documents)

    def insert(self, collection: str, document: Document) -> bool:
        return self._to("add", collection).insert(collection, document)

    def insert_new(self, collection: str, documents: Iterable[Document]) -> set[str]:
        # It says of each whether it was there.
        return self._to("write", collection).insert_new(collection, documents)

    def merge(self, collection: str, documents: Iterable[Document], *, create: bool = True) -> int:
        return self._to("write", collection).merge(collection, documents, create=create)

    def get(self, collection: str, document_id: str) -> Document | None:
        return self._to("read", collection).get(collection, document_id)

    def get_many(self, collection: str, document_ids: Iterable[str]) -> dict[str, Document]:
        return self._to("read", collection).get_many(collection, document_ids)

    def find(self, collection: str, where: Mapping[str, Any] | None = None, **how: Any) -> Page:
        return self._to("read", collection).find(collection, where, **how)

    def ensure_search(self, collection: str, fields: Sequence[str], order: str) -> None:
        self._to("write", collection).ensure_search(collection, fields, order)

    def search(self, collection: str, text: str, where: Mapping[str, Any] | None = None, **how: Any) -> Page:
        # It first takes into the index what others have written.
        return self._to("write", collection).search(collection, text, where, **how)

    def count(self, collection: str, where: Mapping[str, Any] | None = None) -> int:
        return self._to("read", collection).count(collection, where)

    def delete(self, collection: str, document_ids: Iterable[str]) -> int:
        return self._to("write", collection).delete(collection, document_ids)

    def collections(self) -> Sequence[str]:
        return [each for each in self._documents.collections() if self._may("read", each)]

    def close(self) -> None:
        self._documents.close()

    def _to(self, access: Access, collection: str) -> Documents:
        if not self._may(access, collection):
            raise NotPermitted(self._node, access, collection)
        return self._documents

    def _may(self, access: Access, collection: str) -> bool:
        return self._allowed.get(collection) in {access, "write"}


def permitted(documents: Documents | None, node: Node) -> Documents | None:
    """Return documents as a node may have them: as they are for one that says nothing of them."""
    if documents is None or node.documents is None:
        return documents
    return PermittedDocuments(documents, node)
