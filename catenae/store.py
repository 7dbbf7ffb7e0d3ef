"""The contracts of what a node remembers: a key-value `Store`, keyed `State` on top of it, and `Documents`.

Implementations are in `catenae/stores/`; the `State` that makes a replay exact is in `catenae/runtime/`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeVar, overload

V = TypeVar("V")

ABSENT = 0


class Entry(NamedTuple):
    """A stored value and its version: ABSENT for none, else a number that every write changes."""

    value: bytes
    version: int


class Write(NamedTuple):
    """One compare-and-put: `value` is stored if the key's version still is `version`."""

    key: str
    value: bytes
    version: int


class Store(Protocol):
    """Bytes by namespace and key, shared by every process that opens the same URL. Thread-safe.

    Each key is atomic by itself; several keys are not, unless a method says so. A value returned was written
    by somebody, whole. Every method may raise `StoreUnavailable`; writes raise `RecordTooLarge`, or
    `DataFolderError` when there is no room.

    A server that is killed may lose writes that it has acknowledged; what they replaced is there again, with
    its version. `incarnation` tells: that alone is relied on for State to be right. Such a store should lose
    the newest first (where one is lost, all are that were begun after its acknowledgement), and what is lost
    is made good then; a hole, an older write lost and a newer one kept, is only seen, and State refused.
    """

    @property
    def max_value_bytes(self) -> int | None:
        """The size that a value may have and always be stored, None where the room alone limits it."""

    @property
    def removes_for_good(self) -> bool:
        """Whether what was deleted is as lasting as what was written: elsewhere it may be there again."""

    def incarnation(self) -> str:
        """Return a name that is another one whenever acknowledged writes may have been lost since.

        Where it is the same before and after some writes, everything that was acknowledged before the second
        call is there. A new one after each restart of a server is right, whether or not anything was lost.
        """

    def get(self, namespace: str, key: str) -> Entry | None:
        """Return the value and its version, or None."""

    def get_many(self, namespace: str, keys: Sequence[str]) -> dict[str, Entry]:
        """Return what there is of `keys`, in one round."""

    def put(self, namespace: str, key: str, value: bytes) -> None:
        """Store, whatever was there."""

    def put_many(self, namespace: str, values: Mapping[str, bytes]) -> None:
        """Store several in one round, each by itself."""

    def put_if_absent(self, namespace: str, key: str, value: bytes) -> bool:
        """Store unless there is a value; return whether it was stored."""

    def compare_and_put(self, namespace: str, writes: Sequence[Write]) -> dict[str, int]:
        """Store each value whose key still has the expected version, in one round; each key once.

        Returns the new versions of what was stored; a key that is missing was refused. An implementation may
        store none at all if one is refused.
        """

    def delete(self, namespace: str, key: str) -> None:
        """Remove; an absent key is fine."""

    def scan(self, namespace: str) -> Iterator[tuple[str, Entry]]:
        """Yield every key of the namespace in no promised order; what is written meanwhile may be missed."""

    def drop(self, namespace: str) -> None:
        """Remove every key of the namespace."""

    def namespaces(self) -> Sequence[str]:
        """Return every namespace that holds a key."""

    def close(self) -> None:
        """Release everything."""


# A message's key, or it and the name of a part of what is kept of it.
StateKey = str | tuple[str, str]


class State(Protocol[V]):
    """What one node remembers by key, as exact as the messages themselves. Values are any the codec takes.

    `state[message.key]` is what is kept of a key, `state[message.key, "likes"]` a part of it under a sub-key;
    all parts of a key can be listed and forgotten as one. Thousands of parts are fine, millions are not.

    What is kept belongs to the partition of the message that first wrote it. A handler may give names of its
    own to what it keeps, made from the message's key; one that messages of another partition have written is
    refused, `KeyElsewhere`, with all that the call did.

    Changes become visible to the next message at once and durable with the batch's commit; a batch that is
    not committed leaves no trace. Treat values as immutable: store a new one. Keys are text that neither
    begins nor ends with NUL, sub-keys text without NUL. A removed key leaves some ten bytes in the store,
    which fence it.
    """

    @overload
    def get(self, key: StateKey) -> V | None: ...
    @overload
    def get(self, key: StateKey, default: V) -> V: ...
    def get(self, key: StateKey, default: V | None = None) -> V | None:
        """Return the value of `key`, or `default`."""

    @overload
    def get_many(self, keys: Sequence[str]) -> dict[str, V]: ...
    @overload
    def get_many(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], V]: ...
    def get_many(self, keys: Sequence[Any]) -> dict[Any, V]:
        """Return what there is of `keys`, in one round to the store."""

    def items(self, key: str) -> list[tuple[str, V]]:
        """Return the sub-keys of `key` in order, each with its value; that of `key` itself is not there."""

    def forget(self, key: str) -> None:
        """Remove all that is kept of `key`, itself and under sub-keys; nothing is fine."""

    def __getitem__(self, key: StateKey) -> V:
        """Return the value of `key`; raise KeyError if there is none."""

    def __setitem__(self, key: StateKey, value: V) -> None:
        """Store `value`."""

    def __delitem__(self, key: StateKey) -> None:
        """Remove `key`; raise KeyError if there is none."""

    def __contains__(self, key: StateKey) -> bool:
        """Say whether there is a value."""


Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Between:
    """In place of a value to equal: from `at_least` up to, not including, `below`. None is no bound.

    Numbers are compared with numbers, texts with texts by code point. Give one kind, and at least one bound.
    """

    at_least: float | str | None = None
    below: float | str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a sorted result; `cursor` opens the next one and is None after the last."""

    documents: Sequence[Document]
    cursor: str | None


class Documents(Protocol):
    """Collections of JSON-like documents that people look through. Thread-safe; shared between processes."""

    def ensure_index(self, collection: str, fields: Sequence[str]) -> None:
        """Create what makes `find` by these fields, in this order, fast; fine if it exists."""

    def upsert(self, collection: str, documents: Iterable[Document]) -> None:
        """Store each document under its "id" (a string), replacing a former one, in this order.

        None is stored if one of them is unfit. If the process or the server dies, the first of them may be
        stored and the rest not, unless an implementation promises all or none: do it again, it is idempotent.
        """

    def insert(self, collection: str, document: Document) -> bool:
        """Store a document unless there is one of its "id"; return whether it was stored. One of many is."""

    def insert_new(self, collection: str, documents: Iterable[Document]) -> set[str]:
        """Store those of which there is none of the same "id"; return the ids of which there was one.

        Each as by `insert`, so that of many who store the same id at once one does; several are as for
        `upsert`.
        """

    def merge(self, collection: str, documents: Iterable[Document], *, create: bool = True) -> int:
        """Set the fields of each in the document stored under its "id"; None removes one, all others stay.

        Where there is none it is stored, unless not `create`. Returns how many documents were there or were
        created. Each document changes at once, so that of two writers each keeps its own fields; several are
        as for `upsert`. Fields have the names that `find` takes, without dots.
        """

    def get(self, collection: str, document_id: str) -> Document | None:
        """Return one document, or None."""

    def get_many(self, collection: str, document_ids: Iterable[str]) -> dict[str, Document]:
        """Return what there is of these documents by id, in one round."""

    def find(  # noqa: PLR0913  each by its name
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
        """Return documents whose fields have, or lie `Between`, these values, sorted by a field, then by id.

        A page follows the last one without skipping or repeating a document, also while others are stored
        in between. Documents without the sort field come first (last if `descending`).

        With `fields` each document has its "id" and these alone, and no more is read from the server: under
        the names that are asked for, dots included, and None where the document has no such field.
        """

    def ensure_search(self, collection: str, fields: Sequence[str], order: str) -> None:
        """Create what makes `search` find by the words of these texts; fine if it exists.

        order  a whole number from 0 on, such as a time in seconds: what has the greatest is found first

        Takes a while where much is stored. Who writes needs not know of it, and is not slowed unless somebody
        has called this. Raises StoreError where the collection is searched by other fields already.
        """

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
        """Return documents that hold every word of a text and match as in `find`, the greatest `order` first.

        Words are whole ones, without regard to case and accents. What is between quotation marks stands
        together, and so do the characters of a script without spaces. A text without a word finds nothing.
        What was written before the call is found, what was removed is not.

        between  what `order` is to lie between

        A page follows the last one as in `find`; of two of one `order` one is always first. Raises StoreError
        for a collection of which `ensure_search` was not called here, and for too many words.
        """

    def count(self, collection: str, where: Mapping[str, Any] | None = None) -> int:
        """Return how many documents match."""

    def delete(self, collection: str, document_ids: Iterable[str]) -> int:
        """Remove documents; return how many there were."""

    def collections(self) -> Sequence[str]:
        """Return the collections that hold a document."""

    def close(self) -> None:
        """Release everything."""
