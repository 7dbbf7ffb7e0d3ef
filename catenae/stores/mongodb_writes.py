"""Documents on their way into a collection of MongoDB: encoded before any is sent, and sent many at once."""

from collections.abc import Iterable, Sequence
from typing import Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from catenae.errors import RecordTooLarge, StoreError
from catenae.store import Document
from catenae.stores import mongodb_query as query
from catenae.stores.document_query import encode_document
from catenae.stores.mongodb_error import explaining

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
_DUPLICATE = 11000
Stored = dict[str, Any]


def refused(found: Collection[Stored], documents: Sequence[tuple[str, RawBSONDocument]]) -> set[str]:
    """Insert what there is not yet; return the ids of the rest."""
    try:
        found.insert_many([raw for _, raw in documents], ordered=False)
    except BulkWriteError as error:
        refusals = error.details["writeErrors"]
        if any(each["code"] != _DUPLICATE for each in refusals):
            raise
        return {documents[each["index"]][0] for each in refusals}
    return set()


def written(found: Collection[Stored], writes: Sequence[Any]) -> int:
    """Send writes in their order; return how many documents were there or are now."""
    try:
        result = found.bulk_write(writes, ordered=True)
    except KeyError as error:
        # FerretDB 1 refuses with an answer that lacks what the client looks for.
        raise StoreError(
            f"{found.name!r} refused a write without saying why; perhaps for a list within a list. "
            "Make the document simpler, or look at the server's log"
        ) from error
    return result.matched_count + result.upserted_count


def encoded(collection: str, documents: Iterable[Document]) -> list[tuple[str, RawBSONDocument]]:
    """Return the id and the bytes of every document, so that an unfit one is found before any is sent."""
    found = []
    for document in documents:
        document_id, text = encode_document(collection, document)
        with explaining():
            raw = bson.encode(query.to_stored(collection, document_id, text))
        if len(raw) > MAX_DOCUMENT_BYTES:
            raise RecordTooLarge(len(raw), MAX_DOCUMENT_BYTES)
        found.append((document_id, RawBSONDocument(raw)))
    return found
