"""Documents in MongoDB, or a server that speaks its protocol, shared by many machines."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import bson
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.int64 import Int64
from pymongo import ASCENDING, DESCENDING, MongoClient, ReplaceOne, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from catenae.secret_files import read_secret
from catenae.store import Between, Document, Page
from catenae.stores import mongodb_query as query
from catenae.stores.document_query import (
    COLLECTION,
    checked_collection,
    checked_fields,
    checked_limit,
    checked_projection,
    encode_cursor,
)
from catenae.stores.mongodb_address import PASSWORD_VARIABLE, parsed
from catenae.stores.mongodb_error import explaining
from catenae.stores.mongodb_writes import Stored, encoded, refused, written
from catenae.stores.search_words import (
    Searched,
    holds,
    moments,
    other_fields,
    phrases_of,
    search_index,
)

AT_ONCE = 1000
# FerretDB 1 keeps one of its 100 connections to SQLite for every upsert of a command until all are done: a
# few clients with large commands would wait for each other for ever.
AT_ONCE_FERRETDB = 10


def open_mongodb(address: str) -> "MongoDocuments":
    """Open `//[user[:password]@]host[:port][,…]/database[?option=value&…]`, options as in any MongoDB URL.

    A user without a password has the one of CATENAE_MONGODB_PASSWORD, or of the file that
    CATENAE_MONGODB_PASSWORD_FILE names.
    """
    return MongoDocuments(f"mongodb:{address}", read_secret(os.environ, PASSWORD_VARIABLE))


def open_mongodb_srv(address: str) -> "MongoDocuments":
    """Open a URL whose hosts are looked up in the DNS, otherwise as `open_mongodb`."""
    return MongoDocuments(f"mongodb+srv:{address}", read_secret(os.environ, PASSWORD_VARIABLE))


class _Int(TypeDecoder):
    """Reads whole numbers of 64 bits as Python's own, not as a subclass that says how they were stored."""

    bson_type = Int64

    def transform_bson(self, value: Int64) -> int:
        return int(value)


class _Order(NamedTuple):
    """In what order documents are, and from where on they are wanted."""

    sort: str
    cursor: str | None
    descending: bool = True


class MongoDocuments:
    """MongoDB keeps them, the "id" as its `_id`. Threads share one pool of connections; a fork opens its own.

    `upsert` checks all documents before it sends the first. Names are as for SQLite; those of fields within a
    document may be any but `_id`, and neither start with $ nor hold a dot or NUL. Whole numbers have 64 bits.
    CodecError otherwise. A document takes 16 MiB. A field that is sorted by must not hold lists or dicts.

    Raises `StoreUnavailable` if no server answers within 5 s; an upsert that raised it may be stored in part.
    """

    def __init__(self, url: str, password: str = "") -> None:
        database, options = parsed(url, password)
        self._client: MongoClient[Stored] = MongoClient(url, appname="catenae", **options)
        self._database = self._client.get_database(
            database, codec_options=CodecOptions(type_registry=TypeRegistry([_Int()]))
        )
        try:
            with explaining():
                is_ferretdb = "ferretdbVersion" in self._client.server_info()
        except BaseException:
            self.close()
            raise
        self._searched = Searched()
        self._writes_at_once = AT_ONCE_FERRETDB if is_ferretdb else AT_ONCE

    def ensure_index(self, collection: str, fields: Sequence[str]) -> None:
        names = [query.name(field) for field in fields]
        with self._using(collection) as found:
            found.create_index([(name, ASCENDING) for name in dict.fromkeys([*names, query.ID])])

    def upsert(self, collection: str, documents: Iterable[Document]) -> None:
        writes: list[ReplaceOne[Any]] = [
            ReplaceOne({query.ID: key}, raw, upsert=True) for key, raw in encoded(collection, documents)
        ]
        self._write(collection, writes)

    def insert(self, collection: str, document: Document) -> bool:
        ((_, raw),) = encoded(collection, [document])
        with self._using(collection) as found:
            try:
                found.insert_one(raw)
            except DuplicateKeyError:
                return False
        return True

    def insert_new(self, collection: str, documents: Iterable[Document]) -> set[str]:
        every = encoded(collection, documents)
        taken: set[str] = set()
        with self._using(collection) as found:
            for start in range(0, len(every), self._writes_at_once):
                taken |= refused(found, every[start : start + self._writes_at_once])
        return taken

    def merge(self, collection: str, documents: Iterable[Document], *, create: bool = True) -> int:
        changes = [checked_fields(collection, document) for document in documents]
        writes: list[UpdateOne] = [
            UpdateOne({query.ID: key}, query.change(bson.decode(raw.raw)), upsert=create)
            for key, raw in encoded(collection, changes)
        ]
        return self._write(collection, writes)

    def get(self, collection: str, document_id: str) -> Document | None:
        with self._using(collection) as found:
            stored = found.find_one({query.ID: document_id})
        return None if stored is None else query.from_stored(stored)

    def get_many(self, collection: str, document_ids: Iterable[str]) -> dict[str, Document]:
        with self._using(collection) as found:
            stored = list(found.find({query.ID: {"$in": list(document_ids)}}))
        return {each[query.ID]: query.from_stored(each) for each in stored}

    def find(  # noqa: PLR0913  see Documents
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
        wanted = None if fields is None else checked_projection(fields)
        asked = None if wanted is None else query.projection([*wanted, sort])
        order = _Order(sort, cursor, descending=descending)
        most = checked_limit(collection, limit) + 1
        stored = self._in_order(collection, query.condition(where or {}), order, most, asked)
        documents = [
            query.from_stored(each) if wanted is None else query.projected(each, wanted)
            for each in stored[:limit]
        ]
        more = len(stored) > limit
        return Page(documents, encode_cursor(query.sort_keys(sort, stored[limit - 1])) if more else None)

    def ensure_search(self, collection: str, fields: Sequence[str], order: str) -> None:
        index = search_index(fields, order)
        name = f"words by {','.join(index.fields)} in order of {order}"
        keys = [(query.WORDS, ASCENDING), (query.name(order), DESCENDING), (query.ID, DESCENDING)]
        with self._using(collection) as found:
            others = (each for each, about in found.index_information().items() if about["key"][0] == keys[0])
            if any(other != name for other in others):
                raise other_fields(collection)
            found.create_index(keys, name=name)
        self._searched.add(collection, index)
        self._bring_up_to_date(collection)

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
        index, phrases = self._searched.index(collection), phrases_of(text)
        least, below = moments(index.order, between)
        checked_limit(collection, limit)
        if not phrases:
            return Page([], None)
        self._bring_up_to_date(collection)
        # The longest first, by which the server looks: it is the rarest.
        words = sorted({word for phrase in phrases for word in phrase}, key=lambda word: (-len(word), word))
        wanted = {query.WORDS: {"$all": words}, **query.condition(where or {})}
        if between is not None:
            wanted = {"$and": [wanted, {query.name(index.order): {"$gte": least, "$lt": below}}]}
        found: list[Stored] = []
        while len(found) <= limit:
            some = self._in_order(collection, wanted, _Order(index.order, cursor), limit + 1, None)
            found += [each for each in some if holds(index.words(each), phrases)]
            if len(some) <= limit:
                break
            cursor = encode_cursor(query.sort_keys(index.order, some[-1]))
        documents = [query.from_stored(each) for each in found[:limit]]
        more = len(found) > limit
        last = encode_cursor(query.sort_keys(index.order, found[limit - 1])) if more else None
        return Page(documents, last)

    def _in_order(
        self,
        collection: str,
        condition: query.Filter,
        order: "_Order",
        most: int,
        fields: Mapping[str, bool] | None,
    ) -> list[Stored]:
        holds_after = [condition]
        if order.cursor is not None:
            further = query.after(order.sort, order.cursor, descending=order.descending)
            holds_after = [{"$and": [condition, each]} for each in further]
        direction = DESCENDING if order.descending else ASCENDING
        in_order = [(name, direction) for name in dict.fromkeys((query.name(order.sort), query.ID))]
        stored: list[Stored] = []
        with self._using(collection) as found:
            for each in holds_after:
                rest = most - len(stored)
                if rest:
                    # In one answer, of which the first has else 101 documents.
                    stored += found.find(each, fields, sort=in_order, limit=rest, batch_size=rest)
        return stored

    def _bring_up_to_date(self, collection: str) -> None:
        """Give words to what was written since: whoever writes a document anew leaves it without."""
        index = self._searched.index(collection)
        fields = dict.fromkeys(index.fields, True)
        with self._using(collection) as found:
            while without := list(found.find({query.WORDS: None}, fields, limit=AT_ONCE)):
                # Unless it has been written again meanwhile: then these are no longer its words.
                writes = [
                    UpdateOne(
                        {
                            query.ID: each[query.ID],
                            query.WORDS: None,
                            **{field: each.get(field) for field in index.fields},
                        },
                        {"$set": {query.WORDS: sorted(set(index.words(each))) or [""]}},
                    )
                    for each in without
                ]
                for start in range(0, len(writes), self._writes_at_once):
                    found.bulk_write(writes[start : start + self._writes_at_once], ordered=False)

    def count(self, collection: str, where: Mapping[str, Any] | None = None) -> int:
        with self._using(collection) as found:
            # Without a filter the server would look at every document, and knows it without.
            return (
                found.count_documents(query.condition(where)) if where else found.estimated_document_count()
            )

    def delete(self, collection: str, document_ids: Iterable[str]) -> int:
        ids = list(document_ids)
        with self._using(collection) as found:
            return sum(
                found.delete_many({query.ID: {"$in": ids[start : start + AT_ONCE]}}).deleted_count
                for start in range(0, len(ids), AT_ONCE)
            )

    def collections(self) -> Sequence[str]:
        with explaining():
            names = sorted(self._database.list_collection_names())
            return [
                name for name in names if COLLECTION.fullmatch(name) and self._database[name].find_one({}, [])
            ]

    def close(self) -> None:
        self._client.close()

    def _write(self, collection: str, writes: Sequence[Any]) -> int:
        """Send so many at once as the server bears; return how many documents were there or are now."""
        with self._using(collection) as found:
            return sum(
                written(found, writes[start : start + self._writes_at_once])
                for start in range(0, len(writes), self._writes_at_once)
            )

    @contextmanager
    def _using(self, collection: str) -> Iterator[Collection[Stored]]:
        found = self._database[checked_collection(collection)]
        with explaining():
            yield found
