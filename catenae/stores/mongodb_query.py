"""How documents are named, compared and paged through in MongoDB: names and values in, filters out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from catenae.errors import CodecError, StoreError
from catenae.store import Between
from catenae.stores.document_query import checked_bounds, checked_field, checked_value, decode_cursor

Filter = dict[str, Any]

ID = "_id"
# The words that a document is found by; not there until somebody searches for what was written.
WORDS = "_words"
NEVER: Filter = {ID: {"$in": []}}
# In the order in which MongoDB sorts them; a comparison of MongoDB's stays within one of them.
KINDS: tuple[tuple[type | tuple[type, ...], Any], ...] = (
    (type(None), None),
    ((int, float), {"$type": "number"}),
    (str, {"$type": "string"}),
    (bool, {"$type": "bool"}),
)


def name(field: str) -> str:
    """Return MongoDB's name of a field; raise StoreError for an unfit one."""
    return ID if checked_field(field) == "id" else field


def condition(where: Mapping[str, Any]) -> Filter:
    """Return the filter that holds where fields have these values or are between.

    None holds where there is no such field, too.
    """
    return {name(field): _compared(field, value) for field, value in where.items()}


def change(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the update that sets fields, as MongoDB keeps them, and removes those that are None."""
    # The id, which stays what it is, because an update must not be empty.
    kept = {field: value for field, value in fields.items() if value is not None}
    gone = {WORDS: "", **{field: "" for field, value in fields.items() if value is None}}
    return {operator: some for operator, some in (("$set", kept), ("$unset", gone)) if some}


def after(sort: str, cursor: str, *, descending: bool) -> list[Filter]:
    """Return filters for what comes after the cursor in the order of the field `sort` and then of the id.

    All that holds the first comes before what holds the second. One bound tells a server where to begin in an
    index; a choice of several does not. Raises StoreError for a cursor not from `find`, or from another sort.
    """
    field = name(sort)
    beyond = "$lt" if descending else "$gt"
    *values, document_id = decode_cursor(cursor, 1 if field == ID else 2)
    after_id = {ID: {beyond: document_id}}
    if not values:
        return [after_id]
    value = values[0]
    kind = _kind(sort, value)
    others = KINDS[:kind] if descending else KINDS[kind + 1 :]
    rest: list[Filter] = [{"$or": [{field: pattern} for _, pattern in others]}] if others else []
    if value is None:
        return [{field: None, **after_id}, *rest]
    of_kind = {field: {f"{beyond}e": value}, "$or": [{field: value, **after_id}, {field: {beyond: value}}]}
    return [of_kind, *rest]


def projection(fields: Sequence[str]) -> dict[str, bool]:
    """Return what has MongoDB send the id and these fields; of fields within one another the outermost."""
    names = dict.fromkeys(map(name, fields))
    outermost = [each for each in names if not any(each.startswith(f"{other}.") for other in names)]
    return dict.fromkeys([ID, *outermost], True)


def projected(stored: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """Return the id and the values of dotted fields, None where one is missing."""
    return {"id": stored[ID], **{field: _value(stored, field) for field in fields}}


def sort_keys(sort: str, stored: Mapping[str, Any]) -> list[Any]:
    """Return what `encode_cursor` takes for a document as MongoDB keeps it.

    Raises StoreError where the document is sorted by a list or dict.
    """
    if name(sort) == ID:
        return [stored[ID]]
    value = _value(stored, sort)
    _kind(sort, value)
    return [value, stored[ID]]


def to_stored(collection: str, document_id: str, text: str) -> dict[str, Any]:
    """Return a document of JSON text as MongoDB keeps it; CodecError for names it does not take."""

    def checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, _ in pairs:
            if key.startswith("$") or "." in key or "\x00" in key:
                raise CodecError(
                    f"a document of {collection!r} has a field whose name starts with $, or holds a dot or "
                    "NUL; MongoDB does not take it. Rename the field"
                )
        return dict(pairs)

    stored: dict[str, Any] = json.loads(text, object_pairs_hook=checked)
    for own in (ID, WORDS):
        if own in stored:
            raise CodecError(
                f"a document of {collection!r} has a field {own!r}, the store's own. Rename the field"
            )
    del stored["id"]
    return {ID: document_id, **stored}


def from_stored(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Undo `to_stored`."""
    document = {"id": stored[ID], **stored}
    del document[ID]
    document.pop(WORDS, None)
    return document


def _value(stored: Mapping[str, Any], field: str) -> Any:
    value: Any = stored
    for part in field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _compared(field: str, value: Any) -> Any:
    if not isinstance(value, Between):
        return checked_value(field, value)
    at_least, below = checked_bounds(field, value)
    bounds = {"$gte": at_least, "$lt": below}
    return {operator: bound for operator, bound in bounds.items() if bound is not None}


def _kind(sort: str, value: Any) -> int:
    # The last that fits, because a bool is an int as well.
    fitting = [number for number, (types, _) in enumerate(KINDS) if isinstance(value, types)]
    if not fitting:
        raise StoreError(
            f"documents are sorted by {sort!r}, which holds a {type(value).__name__} in one of them. "
            "Sort by a field that holds texts, numbers, bools or None"
        )
    return fitting[-1]
