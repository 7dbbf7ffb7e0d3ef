"""What the page's own sources say, as far as tests compare it with the server: names, and nothing else."""

import re

from services.web.build import HERE

SOURCES = HERE / "src"
_INTERFACE = re.compile(
    r"^export interface (\w+)(?:<\w+>)?(?: extends (\w+))? \{\n(.*?)^\}", re.MULTILINE | re.DOTALL
)
_FIELD = re.compile(r"^  (\w+)\??:", re.MULTILINE)


def keys_of(path: str, *way: str) -> set[str]:
    """Return the keys of an object in the object of a source file that this way of keys leads to."""
    text = (SOURCES / path).read_text("utf-8")
    for depth, key in enumerate(way, start=1):
        indent = "  " * depth
        found = re.search(rf"^{indent}{key}: \{{\n(.*?)^{indent}\}}", text, re.MULTILINE | re.DOTALL)
        assert found, f"{path} has no {key}"
        text = found[1]
    indent = "  " * (len(way) + 1)
    return set(re.findall(rf'^{indent}"?([^":]+?)"?:', text, re.MULTILINE))


def interfaces(path: str) -> dict[str, set[str]]:
    """Return the fields of each interface of a source file, those that it extends included."""
    found: dict[str, set[str]] = {}
    for name, extended, body in _INTERFACE.findall((SOURCES / path).read_text("utf-8")):
        found[name] = set(_FIELD.findall(body)) | found.get(extended, set())
    return found
