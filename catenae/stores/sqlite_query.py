"""How documents are named, compared and paged through in SQLite: names and values in, SQL out.

Names are checked before they become part of a statement; values are always bound to it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from catenae.stores.document_query import checked_collection, checked_field, checked_value, decode_cursor

# Stands for a field that is null or missing: less than every value JSON can hold, so that one comparison
# pages through documents with and without the field alike.
LOWEST = float("-inf")


def table(collection: str) -> str:
    """Return the quoted name of the collection's table; raise StoreError for an unfit one."""
    return f'"{checked_collection(collection)}"'


def expression(field: str) -> str:
    """Return the SQL for the value of a dotted field; raise StoreError for an unfit name."""
    name = checked_field(field)
    return "id" if name == "id" else f"ifnull(json_extract(document, '$.{name}'), -9e999)"


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
    values = [checked_value(field, value) for field, value in equal.items()]
    return " AND ".join(parts) or "TRUE", [LOWEST if value is None else value for value in values]


def after(keys: Sequence[str], cursor: str, *, descending: bool) -> tuple[str, list[Any]]:
    """Return the SQL that holds after the cursor in the order of `keys`, and the values to bind.

    Raises StoreError for a cursor that does not come from `encode_cursor`, or has another number of keys.
    """
    values = decode_cursor(cursor, len(keys))
    beyond = "<" if descending else ">"
    row = f"({', '.join(keys)}) {beyond} ({', '.join('?' for _ in keys)})"
    # SQLite compares rows without the help of an index on expressions, but finds the first key by it.
    return f"{keys[0]} {beyond}= ? AND {row}", [values[0], *values]
