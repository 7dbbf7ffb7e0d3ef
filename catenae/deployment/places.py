"""Where a topology has kept what: its broker, store and documents as it last ran, noted in the data folder.

A command that removes something and is given other places would find nothing there and call that done.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from catenae.config import Settings
from catenae.deployment.data_folder import DataFolder
from catenae.errors import ConfigError

PLACES = "places.json"
KINDS = ("broker", "store", "documents")
_IN_FILES = ("embedded:", "sqlite:")
_CREDENTIALS = re.compile(r"//.*@", re.DOTALL)
# The options of a URL that tell one place from another.
_TELLING = re.compile(r"[?&](set=[^&]*)")


def note_places(folder: DataFolder, topology: str, settings: Settings) -> None:
    """Note where a topology runs now, in place of where it ran before."""
    before = folder.read(PLACES)
    now = {kind: place(getattr(settings, kind), settings.data) for kind in KINDS}
    if before.get(topology) != now:
        folder.write(PLACES, {**before, topology: now})


def noted(folder: DataFolder) -> frozenset[str]:
    """Return the names of the topologies that have run on the folder."""
    return frozenset(folder.read(PLACES))


def require_places(folder: DataFolder, settings: Settings) -> None:
    """Raise `ConfigError` unless the settings name the places in which every topology of the folder ran."""
    for difference in _differences(folder, settings):
        raise ConfigError(difference)


def place(url: str, data: Path) -> str:
    """Return what a URL stands for, without credentials; `{data}` is the folder, which may be moved."""
    scheme = next((each for each in _IN_FILES if url.startswith(each)), None)
    if scheme is not None:
        path = Path(url.removeprefix(scheme).partition("?")[0]).absolute()
        inside = path.is_relative_to(data.absolute())
        return f"{scheme}{{data}}/{path.relative_to(data.absolute())}" if inside else f"{scheme}{path}"
    address = _CREDENTIALS.sub("//", url)
    telling = _TELLING.findall(address)
    return "?".join([re.split(r"\?[\w.-]+=", address, maxsplit=1)[0], *telling])


def _differences(folder: DataFolder, settings: Settings) -> Iterator[str]:
    for topology, places in folder.read(PLACES).items():
        for kind in KINDS:
            here = place(getattr(settings, kind), settings.data)
            if places[kind] != here:
                yield (
                    f"topology {topology!r} has run on {str(folder.path)!r} with --{kind} {places[kind]}, "
                    f"not with {here}, so what it kept there would not be found. Give that one, "
                    f"credentials included"
                )
