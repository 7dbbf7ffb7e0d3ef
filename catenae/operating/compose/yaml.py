"""Texts as YAML that Compose reads: each stays the text it is, and nothing in it is taken for a variable."""

import json
import re

from catenae.errors import TopologyError

_WORD = re.compile(r"[a-z][a-z0-9_]*")
# What YAML takes for something else than a text, in one of its versions.
_MEANINGFUL = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))


def word(name: str) -> str:
    """Return the name of a node or topology: as it is wherever that is a text."""
    return name if _WORD.fullmatch(name) and name not in _MEANINGFUL else quoted(name)


def quoted(text: str) -> str:
    """Return any text in double quotes; raise `TopologyError` for one that no file in UTF-8 can hold."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TopologyError(f"{text!r} is not UTF-8, which a Compose file is; rename it") from error
    shown = json.dumps(text.replace("$", "$$"), ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in shown)
