"""What every document store asks of names, values, documents and cursors before it touches its server."""

import json
import marshal
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import orjson

from catenae.errors import CodecError, StoreError
from catenae.store import Between, Document

COLLECTION = re.compile(r"(?!sqlite_)[a-z][a-z0-9_]*", re.ASCII)
FIELD = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", re.ASCII)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def is_collection(name: str) -> bool:
    """Say whether a collection may be called this."""
    return COLLECTION.fullmatch(name) is not None


def checked_collection(name: str) -> str:
    """Return the name; raise StoreError for an unfit one."""
    if not is_collection(name):
        raise StoreError(
            f"collection {name!r} is no name; use lower-case letters, digits and _, a letter first"
        )
    return name


def checked_field(name: str) -> str:
    """Return the dotted name; raise StoreError for an unfit one."""
    if not FIELD.fullmatch(name):
        raise StoreError(
            f"field {name!r} is no name; use lower-case letters, digits and _, a letter first, "
            "and a dot before a field within a field"
        )
    return name


def checked_projection(fields: Sequence[str]) -> list[str]:
    """Return the dotted names without the id, each once; raise StoreError for an unfit one."""
    return [name for name in dict.fromkeys(map(checked_field, fields)) if name != "id"]


def checked_value(field: str, value: Any) -> Any:
    """Return a value that a field can be compared with; raise StoreError for another."""
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    if isinstance(value, str) and "\x00" not in value:
        return value
    raise StoreError(
        f"field {field!r} is compared with a {type(value).__name__}; "
        "it can be with None, a bool, a number of 64 bits, or a str without NUL"
    )


def checked_bounds(field: str, between: Between) -> tuple[Any, Any]:
    """Return the bounds, None where there is none; raise StoreError unless they are of one kind."""
    bounds = (checked_value(field, between.at_least), checked_value(field, between.below))
    kinds = {isinstance(bound, str) for bound in bounds if bound is not None}
    if len(kinds) != 1 or any(isinstance(bound, bool) for bound in bounds):
        raise StoreError(
            f"field {field!r} is to lie between a {type(bounds[0]).__name__} and a "
            f"{type(bounds[1]).__name__}; give two numbers or two texts, one of which may be None"
        )
    return bounds


def checked_fields(collection: str, document: Document) -> Document:
    """Return a document to merge; raise StoreError for a field that `find` does not know by its name."""
    for name in document:
        if "." in checked_field(name):
            raise StoreError(f"field {name!r} of {collection!r} is within a field; merge the outer one")
    return document


def merged(stored: Document, fields: Document) -> Document:
    """Return a document with these fields set; None removes one."""
    return {
        name: value for name, value in {**stored, **fields}.items() if value is not None or name not in fields
    }


def checked_limit(collection: str, limit: int) -> int:
    """Return how many documents a page holds; raise StoreError unless it is at least one."""
    if limit < 1:
        raise StoreError(f"{collection!r} is asked for {limit} documents; the limit must be 1 or more")
    return limit


def encode_document(collection: str, document: Document) -> tuple[str, str]:
    """Return the id and the JSON of a document.

    Raises StoreError for an id that is not a str, CodecError for what JSON cannot hold.
    """
    document_id = document.get("id")
    if not isinstance(document_id, str):
        raise StoreError(
            f"a document of {collection!r} has an id of type {type(document_id).__name__}; it must be a str"
        )
    try:
        return document_id, _quickly(document) or _ENCODER.encode(document)
    except (TypeError, ValueError, RecursionError) as error:
        raise CodecError(
            f"a document of {collection!r} holds what JSON cannot, {type(error).__name__}; "
            "use only dict, list, str, finite numbers, bool and None"
        ) from error


def _quickly(document: Any) -> str | None:
    """Return the JSON of a plain document, in an eighth of the time that Python's own writer takes.

    None where the two might differ. orjson also writes dates, UUIDs and dataclasses, which marshal refuses as
    it does whatever is of a derived type; and where there should be no number, it writes null.
    """
    try:
        marshal.dumps(document)
        text = orjson.dumps(document).decode()
    except (TypeError, ValueError):
        return None
    return None if "null" in text else text


def encode_cursor(keys: Sequence[Any]) -> str:
    """Return opaque text that stands for the place just after a document with these sort keys."""
    return urlsafe_b64encode(json.dumps(keys).encode()).decode()


def decode_cursor(cursor: str, n_keys: int) -> list[Any]:
    """Return the sort keys; raise StoreError for text that `encode_cursor` did not make of so many."""
    try:
        keys = json.loads(urlsafe_b64decode(cursor.encode()))
    except (ValueError, RecursionError):
        keys = None
    if not isinstance(keys, list) or len(keys) != n_keys:
        raise StoreError("the cursor is not one that `find` returned for this sort; start at the first page")
    return keys
