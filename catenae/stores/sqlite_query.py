"""How documents are named, compared and paged through in SQLite: names and values in, SQL out.

Names are checked before they become part of a statement; values are always bound to it.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from catenae.errors import StoreError

COLLECTION = re.compile(r"(?!sqlite_)[a-z][a-z0-9_]*", re.ASCII)
FIELD = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*", re.ASCII)
# Stands for a field that is null or missing: less than every value JSON can hold, so that one comparison
# pages through documents with and without the field alike.
LOWEST = float("-inf")


def table(collection: str) -> str:
    """Return the quoted name of the collection's table; raise StoreError for an unfit one."""
    if not COLLECTION.fullmatch(collection):
        raise StoreError(
            f"collection {collection!r} is no name; use lower-case letters, digits and _, a letter first"
        )
    return f'"{collection}"'


def expression(field: str) -> str:
    """Return the SQL for the value of a dotted field; raise StoreError for an unfit name."""
    if not FIELD.fullmatch(field):
        raise StoreError(
            f"field {field!r} is no name; use lower-case letters, digits and _, a letter first, "
            "and a dot before a field within a field"
        )
    return "id" if field == "id" else f"ifnull(json_extract(document, '$.{field}'), -9e999)"


def index(collection: str, fields: Sequence[str]) -> str:
    """Return the statement that creates the index which `select` by these fields uses."""
    keys = ", ".join(sort_keys(*fields))
    # The brackets keep the name apart from every collection's.
    name = f'"{collection}({",".join(fields)})"'
    return f"CREATE INDEX IF NOT EXISTS {name} ON {table(collection)} ({keys})"


def sort_keys(*fields: str) -> list[str]:
    """Return the SQL of each field, and of the id which tells documents apart at last."""
    keys = [expression(field) for field in fields]
    return keys if "id" in keys else [*keys, "id"]


def condition(equal: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Return the SQL that holds where fields have these values, and the values to bind."""
    parts = [f"{expression(field)} = ?" for field in equal]
    return " AND ".join(parts) or "TRUE", [_bindable(field, value) for field, value in equal.items()]


def _bindable(field: str, value: Any) -> Any:
    if value is None:
        return LOWEST
    if isinstance(value, (bool, int, float)) or (isinstance(value, str) and "\x00" not in value):
        return value
    raise StoreError(
        f"field {field!r} is compared with a {type(value).__name__}; "
        "it can be with None, a bool, a number, or a str without NUL"
    )


def encode_cursor(keys: Sequence[Any]) -> str:
    """Return opaque text that stands for the place just after a document with these sort keys."""
    return urlsafe_b64encode(json.dumps(keys).encode()).decode()


def after(keys: Sequence[str], cursor: str, *, descending: bool) -> tuple[str, list[Any]]:
    """Return the SQL that holds after the cursor in the order of `keys`, and the values to bind.

    Raises StoreError for a cursor that does not come from `encode_cursor`, or has another number of keys.
    """
    try:
        values = json.loads(urlsafe_b64decode(cursor.encode()))
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) != len(keys):
        raise StoreError("the cursor is not one that `find` returned for this sort; start at the first page")
    beyond = "<" if descending else ">"
    row = f"({', '.join(keys)}) {beyond} ({', '.join('?' for _ in keys)})"
    # SQLite compares rows without the help of an index on expressions, but finds the first key by it.
    return f"{keys[0]} {beyond}= ? AND {row}", [values[0], *values]
