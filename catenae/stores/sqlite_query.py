"""How documents are named, compared and paged through in SQLite: names and values in, SQL out.

Names are checked before they become part of a statement; values are always bound to it.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from catenae.store import Between
from catenae.stores.document_query import (
    checked_bounds,
    checked_collection,
    checked_field,
    checked_value,
    decode_cursor,
)

# Stands for a field that is null or missing: less than every value JSON can hold, so that one comparison
# pages through documents with and without the field alike.
LOWEST = float("-inf")
LOWEST_NUMBER = -sys.float_info.max


def table(collection: str) -> str:
    """Return the quoted name of the collection's table; raise StoreError for an unfit one."""
    return f'"{checked_collection(collection)}"'


def expression(field: str) -> str:
    """Return the SQL for the value of a dotted field; raise StoreError for an unfit name."""
    name = checked_field(field)
    return "id" if name == "id" else f"ifnull(json_extract(document, '$.{name}'), -9e999)"


def projection(fields: Sequence[str]) -> str:
    """Return the SQL for a JSON array of the id and of each dotted field, null where there is none."""
    paths = ", ".join(f"'$.{field}'" for field in fields)
    # Of several paths json_extract makes an array; of a single one it would make a value of SQL.
    return f"json_extract(document, '$.id', {paths})" if paths else "json_array(id)"


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


def condition(where: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Return the SQL that holds where fields have these values or are between, and the values to bind."""
    parts: list[str] = []
    bound: list[Any] = []
    for field, value in where.items():
        if isinstance(value, Between):
            parts.append(f"{expression(field)} >= ? AND {expression(field)} < ?")
            bound += _bounds(field, value)
        else:
            parts.append(f"{expression(field)} = ?")
            bound.append(LOWEST if checked_value(field, value) is None else value)
    return " AND ".join(parts) or "TRUE", bound


def _bounds(field: str, between: Between) -> tuple[Any, Any]:
    """Return two bounds that keep to one kind of value: after LOWEST come numbers, texts and then blobs."""
    at_least, below = checked_bounds(field, between)
    if isinstance(at_least, str) or isinstance(below, str):
        return at_least or "", below if below is not None else b""
    return at_least if at_least is not None else LOWEST_NUMBER, below if below is not None else ""


def after(keys: Sequence[str], cursor: str, *, descending: bool) -> tuple[str, list[Any]]:
    """Return the SQL that holds after the cursor in the order of `keys`, and the values to bind.

    Raises StoreError for a cursor that does not come from `encode_cursor`, or has another number of keys.
    """
    values = decode_cursor(cursor, len(keys))
    beyond = "<" if descending else ">"
    row = f"({', '.join(keys)}) {beyond} ({', '.join('?' for _ in keys)})"
    # SQLite compares rows without the help of an index on expressions, but finds the first key by it.
    return f"{keys[0]} {beyond}= ? AND {row}", [values[0], *values]
