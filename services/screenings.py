"""Several screenings in one place: what each finds is in collections of its own, all else is shared.

The first one has no name, and its collections have none before theirs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catenae import Between, Document, Documents, Page

# What a screening finds, and what experts make of it.
OWN = ("probabilities", "users", "alerts", "reviews", "review_counts")


def collection_of(screening: str, collection: str) -> str:
    """Return where a screening keeps what it calls so."""
    return f"{screening}_{collection}" if screening and collection in OWN else collection


def documents_of(documents: Documents, screening: str) -> Documents:
    """Return documents as a screening sees them: its own in place of the first one's."""
    return ScreeningDocuments(documents, screening) if screening else documents


def screenings(collections: Iterable[str]) -> list[str]:
    """Return the names of the screenings that have collections, the first one's "" always among them."""
    found = {name.removesuffix(f"_{own}") for name in collections for own in OWN if name.endswith(f"_{own}")}
    return ["", *sorted(found)]


def fields_of(fields: Mapping[str, str], collections: Iterable[str]) -> dict[str, str]:
    """Return which field names a user in which collection, of all screenings, given that of the first one."""
    every = screenings(collections)
    return {collection_of(screening, name): field for screening in every for name, field in fields.items()}


class ScreeningDocuments:
    """Documents in which the names of a screening's own collections stand for those that are its own."""

    def __init__(self, documents: Documents, screening: str) -> None:
        self._documents = documents
        self._screening = screening

    def ensure_index(self, collection: str, fields: Sequence[str]) -> None:
        self._documents.ensure_index(self._of(collection), fields)

    def upsert(self, collection: str, documents: Iterable[Document]) -> None:
        self._documents.upsert(self._of(collection), documents)

    def insert(self, collection: str, document: Document) -> bool:
        return self._documents.insert(self._of(collection), document)

    def insert_new(self, collection: str, documents: Iterable[Document]) -> set[str]:
        return self._documents.insert_new(self._of(collection), documents)

    def merge(self, collection: str, documents: Iterable[Document], *, create: bool = True) -> int:
        return self._documents.merge(self._of(collection), documents, create=create)

    def get(self, collection: str, document_id: str) -> Document | None:
        return self._documents.get(self._of(collection), document_id)

    def get_many(self, collection: str, document_ids: Iterable[str]) -> dict[str, Document]:
        return self._documents.get_many(self._of(collection), document_ids)

    def find(  # noqa: PLR0913  as the contract
        self,
        collection: str,
        where: Mapping[str, Any] | None = None,
        *,
        sort: str = "id",
        descending: bool = False,
        limit: int = 100,
        cursor: str | None = None,
        fields: Sequence[str] | None = None,
    ) -> Page:
        return self._documents.find(
            self._of(collection),
            where,
            sort=sort,
            descending=descending,
            limit=limit,
            cursor=cursor,
            fields=fields,
        )

    def ensure_search(self, collection: str, fields: Sequence[str], order: str) -> None:
        self._documents.ensure_search(self._of(collection), fields, order)

    def search(
        self,
        collection: str,
        text: str,
        where: Mapping[str, Any] | None = None,
        *,
        between: Between | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        return self._documents.search(
            self._of(collection), text, where, between=between, limit=limit, cursor=cursor
        )

    def count(self, collection: str, where: Mapping[str, Any] | None = None) -> int:
        return self._documents.count(self._of(collection), where)

    def delete(self, collection: str, document_ids: Iterable[str]) -> int:
        return self._documents.delete(self._of(collection), document_ids)

    def collections(self) -> Sequence[str]:
        return self._documents.collections()

    def close(self) -> None:
        self._documents.close()

    def _of(self, collection: str) -> str:
        return collection_of(self._screening, collection)
