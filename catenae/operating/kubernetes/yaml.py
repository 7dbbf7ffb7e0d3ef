"""Resources as YAML: what is no plain word stands in quotes, so that every text stays the text it is."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catenae.errors import TopologyError

_PLAIN = re.compile(r"[A-Za-z/][\w./-]*(:[\w./-]+)*", re.ASCII)
# What YAML takes for something else than a text, in one of its versions.
_MEANINGFUL = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))


def documents(resources: Sequence[Mapping[str, Any]]) -> str:
    """Return resources as one text, a line with --- between two."""
    return "---\n".join("".join(f"{line}\n" for line in _lines(each)) for each in resources)


def _lines(value: Any) -> Iterator[str]:
    match value:
        case Mapping() if value:
            for name, each in value.items():
                yield from _entry(f"{_scalar(name)}:", each)
        case list() | tuple() if value:
            for each in value:
                first, *rest = _lines(each)
                yield f"- {first}"
                yield from (f"  {line}" for line in rest)
        case _:
            yield _scalar(value)


def _entry(head: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping | list | tuple) and value:
        yield head
        yield from (f"  {line}" for line in _lines(value))
    else:
        yield f"{head} {_scalar(value)}"


def _scalar(value: Any) -> str:
    """Return a value on one line; raise `TopologyError` for a text that no file in UTF-8 can hold."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _MEANINGFUL:
        return value
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise TopologyError(f"{value!r} is not UTF-8, which a manifest is; rename it") from error
    shown = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in shown)
