"""Messages become documents: one class for every node that stores."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from catenae import Documents, Leaf, Message
from services.forgetting.request import is_request


class DocumentStorer(Leaf):
    """Keep the latest message of each id as a document. Reads values that JSON can hold, with a text id.

    collection  where to
    id_field    of the value; its text is the document's "id"
    user_field  of the value: whose it is
    indexes     each the names of fields, with spaces in between, that documents are listed by
    merges      set the value's fields and leave others, which somebody else writes, as they are
    stamp       field that takes the time of storing, in milliseconds since 1970 UTC; none if empty

    A value with `"removed": true` takes the document of its id away; one with `"forget": true` all of its
    user. Storing again what is stored changes nothing, so redelivery does no harm. A message without its id
    is set aside as a dead letter.
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
    ) -> None:
        self._documents = documents
        self._collection = collection
        self._id_field = id_field
        self._user_field = user_field
        self._indexes = indexes
        self._merges = merges
        self._stamp = stamp

    def setup(self) -> None:
        for fields in self._indexes:
            self._documents.ensure_index(self._collection, fields.split())

    def consume_many(self, messages: Sequence[Message]) -> None:
        latest: dict[str, Mapping[str, Any]] = {}
        for value in (each.value for each in messages):
            if is_request(value):
                user = value[self._user_field]
                latest = {key: each for key, each in latest.items() if each.get(self._user_field) != user}
                self._forget(user)
            else:
                latest[value[self._id_field]] = value
        removed = [document_id for document_id, value in latest.items() if value.get("removed") is True]
        stamped = {self._stamp: int(time.time() * 1000)} if self._stamp else {}
        kept = [
            {**value, "id": document_id, **stamped}
            for document_id, value in latest.items()
            if value.get("removed") is not True
        ]
        if kept and self._merges:
            self._documents.merge(self._collection, kept)
        elif kept:
            self._documents.upsert(self._collection, kept)
        if removed:
            self._documents.delete(self._collection, removed)

    def _forget(self, user: str) -> None:
        of_user = {self._user_field: user}
        while documents := self._documents.find(self._collection, of_user, fields=["id"]).documents:
            self._documents.delete(self._collection, [each["id"] for each in documents])
