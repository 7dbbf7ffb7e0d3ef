"""The models of a running node: the one it counts by, and every other that a message names.

Versions lie side by side: in the folder `<model>s` beside the folder in use, or in the store that it is
named in. So two versions may be in flight at once, while replicas switch one after the other.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from catenae import ConfigError, TransientError
from services.depression.model.artefact import MANIFEST, Model, ModelError, load_model
from services.depression.model_shelf import Place, open_model, open_shelf

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0


class Models:
    """Models by version, each read once. Not thread-safe.

    place  folder, or `STORE_URL#NAME[@VERSION]`
    clock  seconds, that never go back
    """

    def __init__(self, place: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._place = place
        self._clock = clock
        self._known: dict[str, Model] = {}
        self._missing: dict[str, float] = {}
        self._current = ""
        self._looked_at_s = 0.0

    def open(self) -> None:
        """Read the model in use; raise ConfigError where there is none."""
        self._use(open_model(self._place))

    def current(self) -> Model:
        """Return the model in use, as of about two seconds ago; one that cannot be read changes nothing."""
        if self._clock() - self._looked_at_s >= LOOK_EVERY_S:
            self._looked_at_s = self._clock()
            try:
                if self._version_in_use() not in {self._current, ""}:
                    self._use(open_model(self._place))
                    logger.info("model switched", extra={"version": self._current})
            except (ConfigError, TransientError) as error:
                logger.warning("model not switched", extra={"error": type(error).__name__})
        return self._known[self._current]

    def of(self, version: str) -> Model | None:
        """Return the model of a version; None if there is none where models are kept, which is logged."""
        if version in self._known:
            return self._known[version]
        now_s = self._clock()
        if now_s - self._missing.get(version, -LOOK_EVERY_S) < LOOK_EVERY_S:
            return None
        found = self._find(version)
        if found is None:
            self._missing[version] = now_s
            logger.error("model not found", extra={"version": version, "place": _beside(self._place)})
        else:
            self._known[version] = found
        return found

    def terms(self) -> Mapping[str, int]:
        """Return how many terms each version has that is known or kept: what a user may be counted by."""
        kept = {each: self.of(each) for each in self._kept()} | self._known
        return {version: len(model.vocabulary) for version, model in kept.items() if model is not None}

    def _use(self, model: Model) -> None:
        self._looked_at_s = self._clock()
        self._known[model.version] = model
        self._current = model.version

    def _version_in_use(self) -> str:
        """Return the version that the place has now, "" where that cannot be told."""
        place = Place.parse(self._place)
        if place is None:
            return _version(Path(self._place))
        if place.version:
            return self._current
        with open_shelf(place.url) as shelf:
            return next(
                (each.version for each in shelf.models() if each.name == place.name and each.is_last), ""
            )

    def _find(self, version: str) -> Model | None:
        place = Place.parse(self._place)
        try:
            if place is not None:
                with open_shelf(place.url) as shelf:
                    return shelf.load(place.name, version)
            folder = next((each for each in folders(Path(self._place)) if _version(each) == version), None)
            return None if folder is None else load_model(folder)
        except ModelError:
            return None

    def _kept(self) -> list[str]:
        place = Place.parse(self._place)
        if place is None:
            return [version for each in folders(Path(self._place)) if (version := _version(each))]
        with open_shelf(place.url) as shelf:
            return [each.version for each in shelf.models() if each.name == place.name]


def folders(model: Path) -> Iterator[Path]:
    """Yield the folder of the model in use, and those of the versions beside it."""
    yield model
    yield from sorted(path.parent for path in Path(f"{model}s").glob(f"*/{MANIFEST}"))


def _version(folder: Path) -> str:
    try:
        return str(json.loads((folder / MANIFEST).read_bytes())["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _beside(place: str) -> str:
    """Return where versions are looked for, without what a URL may hold of a password."""
    found = Place.parse(place)
    return f"{place}, {place}s" if found is None else found.name
