"""Images by digest: a lock says for each name and tag which image is meant, whatever a registry says later.

A line is `name:tag@sha256:…`; after a # stands a comment.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from catenae.errors import ConfigError

# What the Dockerfile starts from.
BASE = "python:3.11-slim-bookworm"
_LINE = re.compile(r"(?P<image>[a-z0-9._/-]+:[\w.-]+)@(?P<digest>sha256:[0-9a-f]{64})")
_IMAGE = re.compile(r"^(    image: )([a-z][^\s$@]*)$", re.MULTILINE)
_ARGUMENTS = re.compile(r"^(  args:)$", re.MULTILINE)


def read_lock(file: Path) -> Mapping[str, str]:
    """Return name and tag → digest; raise `ConfigError` for a file that cannot be read or is no lock."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise ConfigError(f"--images: {str(file)!r} cannot be read; `make lock-images` writes it") from error
    found = {}
    for number, line in enumerate(lines, 1):
        if not (text := line.partition("#")[0].strip()):
            continue
        if not (parts := _LINE.fullmatch(text)):
            raise ConfigError(
                f"--images: line {number} of {str(file)!r} is not name:tag@sha256:…; write it so"
            )
        found[parts["image"]] = parts["digest"]
    return found


def images_of(text: str) -> list[str]:
    """Return the images of servers in a Compose file, which are made elsewhere."""
    return sorted({found[1] for found in _IMAGE.findall(text)})


def pinned(text: str, lock: Mapping[str, str]) -> str:
    """Return a Compose file in which each image of a server, and what ours start from, is the one meant.

    Raises `ConfigError` for one that the lock does not know.
    """
    base = f"\\1\n    PYTHON: {BASE.partition(':')[2]}@{_digest(BASE, lock)}"
    return _ARGUMENTS.sub(base, _IMAGE.sub(lambda found: f"{found[0]}@{_digest(found[2], lock)}", text))


def _digest(image: str, lock: Mapping[str, str]) -> str:
    if image not in lock:
        raise ConfigError(f"--images: the lock does not know {image}; `make lock-images` looks it up")
    return lock[image]
