"""Messages become documents: one class for every node that stores."""

import time
from collections.abc import Mapping, Sequence, Set
from typing import Any

from catenae import Document, Documents, Leaf, Message
from services.screenings import documents_of


class OthersDocument(Exception):
    """A value by the id of a document that is somebody else's."""


class DocumentStorer(Leaf):
    """Keep the latest message of each id as a document. Reads values that JSON can hold, with a text id.

    Derive it to say of what type the values are, and to store the fields of that type alone.

    collection  where to
    id_field    of the value; its text is the document's "id"
    user_field  of the value: whose it is
    indexes     each the names of fields, with spaces in between, that documents are listed by
    merges      set the value's fields and leave others, which somebody else writes, as they are
    screening   whose collection it is, where there are several; the first one's if empty
    stamp       field that takes the time of storing, in milliseconds since 1970 UTC; none if empty

    A value with `"removed": true` takes the document of its id away. What goes when a user is to be forgotten
    is `personal` in its node.
    Storing again what is stored changes nothing, so redelivery does no harm. A message without its id is set
    aside as a dead letter, and so is one by an id that is already another user's: it stays whose it was, also
    where two users' values of one id are stored at the same moment.
    """

    def __init__(  # noqa: PLR0913  an option each
        self,
        documents: Documents,
        collection: str,
        id_field: str = "id",
        user_field: str = "user",
        indexes: Sequence[str] = (),
        *,
        merges: bool = False,
        stamp: str = "",
        screening: str = "",
    ) -> None:
        self.documents = documents_of(documents, screening)
        self.collection = collection
        self._id_field = id_field
        self._is_by_user = id_field == user_field
        self._user_field = user_field
        self._indexes = indexes
        self._merges = merges
        self._stamp = stamp

    def setup(self) -> None:
        for fields in self._indexes:
            self.documents.ensure_index(self.collection, fields.split())

    def consume_many(self, messages: Sequence[Message]) -> None:
        values = [each.value for each in messages]
        stored = self._owners([value[self._id_field] for value in values])
        owners = dict(stored)
        latest: dict[str, Mapping[str, Any]] = {}
        for value in values:
            user = value.get(self._user_field)
            if owners.setdefault(value[self._id_field], user) != user:
                raise OthersDocument
            latest[value[self._id_field]] = value
        # What was not there yet may be another one's by now.
        removed = [
            document_id
            for document_id, value in latest.items()
            if value.get("removed") is True and (self._is_by_user or document_id in stored)
        ]
        stamped = {self._stamp: int(time.time() * 1000)} if self._stamp else {}
        kept = [
            {**value, "id": document_id, **stamped}
            for document_id, value in latest.items()
            if value.get("removed") is not True
        ]
        if kept:
            self._store(kept, stored.keys())
        if removed:
            self.documents.delete(self.collection, removed)

    def _store(self, documents: Sequence[Document], known: Set[str]) -> None:
        """Store documents; where another user has come first with one that was not known, it stays theirs."""
        if self._merges:
            self.documents.merge(self.collection, documents)
            return
        new = [] if self._is_by_user else [each for each in documents if each["id"] not in known]
        there = self.documents.insert_new(self.collection, new) if new else set()
        users = {each["id"]: each.get(self._user_field) for each in new}
        if any(users[document_id] != owner for document_id, owner in self._owners(sorted(there)).items()):
            raise OthersDocument
        rest = [each for each in documents if each["id"] not in users or each["id"] in there]
        if rest:
            self.documents.upsert(self.collection, rest)

    def _owners(self, document_ids: Sequence[str]) -> dict[str, Any]:
        """Return whose the documents of these ids are; a user's own document goes by the user's name."""
        if self._is_by_user or not document_ids:
            return {}
        found = self.documents.get_many(self.collection, list(dict.fromkeys(document_ids)))
        return {document_id: each.get(self._user_field) for document_id, each in found.items()}
