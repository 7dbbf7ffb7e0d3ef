"""Any value as one line of JSON that every reader takes: what JSON has no form for becomes text."""

import json
import math
from collections.abc import Mapping
from typing import Any, TextIO

_SHORTEST_UNWRITABLE = 10**4000
TOO_DEEP = "nested too deep to be shown"
# What serialises an answer gives up not far behind it.
MOST_LEVELS = 100


def json_line(value: Any, *, ascii_only: bool = False) -> str:
    """Return the line. Nothing is left out: a key that is no text becomes one that is not taken yet.

    Not-a-number, infinity and whole numbers of thousands of digits are texts; arrays and sets are lists;
    bytes and all else are text. ascii_only is for an output that takes no other letters.
    """
    try:
        return json.dumps(_plain(value), ensure_ascii=ascii_only, allow_nan=False)
    except RecursionError:
        return json.dumps(TOO_DEEP)


def plain(value: Any) -> Any:
    """Return a value as JSON has it, by the rules of `json_line`, of MOST_LEVELS at most."""
    try:
        found = _plain(value)
    except RecursionError:
        return TOO_DEEP
    return TOO_DEEP if _is_deeper(found, MOST_LEVELS) else found


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inner)


def takes_ascii_only(stream: TextIO) -> bool:
    """Say whether an output is not in UTF-8, as JSON is: a terminal of Latin-1, say."""
    return stream.encoding.lower().replace("-", "") != "utf8"


def _plain(value: Any) -> Any:
    match value:
        case str() | bytes():
            plain: Any = _text(value)
        case None | bool():
            plain = value
        case int():
            plain = value if abs(value) < _SHORTEST_UNWRITABLE else hex(value)
        case float():
            plain = value if math.isfinite(value) else str(value)
        case Mapping():
            plain = _object(value)
        case list() | tuple() | set() | frozenset():
            plain = [_plain(each) for each in value]
        case _ if hasattr(value, "tolist"):
            plain = _plain(value.tolist())
        case _:
            plain = _text(str(value))
    return plain


def _object(value: Mapping[Any, Any]) -> dict[str, Any]:
    texts = [key for key in value if isinstance(key, str)]
    plain = {_text(key): _plain(value[key]) for key in texts}
    for key in value:
        if not isinstance(key, str) or _text(key) != key:
            plain[_free(key, plain)] = _plain(value[key])
    return plain


def _free(key: Any, taken: Mapping[str, Any]) -> str:
    """Return a text for a key: itself, else as Python would write it, else with a number behind."""
    if (shown := _text(key) if isinstance(key, str | bytes) else _text(str(key))) not in taken:
        return shown
    number, shown = 1, _text(repr(key))
    while f"{shown}#{number}" in taken:
        number += 1
    return f"{shown}#{number}" if shown in taken else shown


def _text(value: str | bytes) -> str:
    """Return a text of whole letters: what is not UTF-8, or half a letter, is replaced."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
