"""The models of a running node: the one it counts by, and every other that a message names.

So two versions may be in flight at once, while replicas switch one after the other.
"""

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Generic, Protocol, TypeVar

from catenae import ConfigError, TransientError
from services.models.folder import ModelError, ModelFiles
from services.models.versions import ModelVersions, open_versions

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0


class Usable(Protocol):
    """What every model says of itself. `advice` is a line about one that is out of date, or empty."""

    @property
    def version(self) -> str: ...

    @property
    def advice(self) -> str: ...


M = TypeVar("M", bound=Usable)


class Models(Generic[M]):
    """Models by version, each made once, and kept for good. Not thread-safe.

    place     folder, or `STORE_URL#NAME[@VERSION]`
    model_of  makes a model of its files; raises ModelError
    clock     seconds, that never go back
    """

    def __init__(
        self, place: str, model_of: Callable[[ModelFiles], M], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._place = place
        self._model_of = model_of
        self._clock = clock
        self._opened = ExitStack()
        self._versions: ModelVersions
        self._known: dict[str, M] = {}
        self._missing: dict[str, float] = {}
        self._current: M
        self._looked_at_s = 0.0

    def open(self) -> None:
        """Read the model in use; raise ConfigError where there is none, so that a node ends with one line."""
        try:
            self._versions = open_versions(self._place)
            self._opened.callback(self._versions.close)
            self._use_current()
        except ModelError as error:
            raise ConfigError(str(error)) from error

    def close(self) -> None:
        """Let go of what `open` opened."""
        self._opened.close()

    def current(self) -> M:
        """Return the model in use, as of about two seconds ago; one that cannot be read changes nothing."""
        if self._clock() - self._looked_at_s >= LOOK_EVERY_S:
            self._looked_at_s = self._clock()
            try:
                if self._versions.in_use() not in {self._current.version, ""}:
                    self._use_current()
                    logger.info("model switched", extra={"version": self._current.version})
            except (ModelError, TransientError) as error:
                logger.warning("model not switched", extra={"error": type(error).__name__})
        return self._current

    def of(self, version: str) -> M | None:
        """Return the model of a version; None if there is none where models are kept, which is logged."""
        if version in self._known:
            return self._known[version]
        now_s = self._clock()
        if now_s - self._missing.get(version, -LOOK_EVERY_S) < LOOK_EVERY_S:
            return None
        try:
            self._known[version] = self._model_of(self._versions.files(version))
        except ModelError as error:
            self._missing[version] = now_s
            logger.error("model not found", extra={"version": version, "error": str(error)})
        return self._known.get(version)

    def all(self) -> Mapping[str, M]:
        """Return every version that is known or kept: what a user may have been judged by."""
        kept = {version: self.of(version) for version in self._versions.all()} | self._known
        return {version: model for version, model in kept.items() if model is not None}

    def _use_current(self) -> None:
        self._current = self._model_of(self._versions.files_in_use())
        self._looked_at_s = self._clock()
        self._known[self._current.version] = self._current
        if self._current.advice:
            logger.warning("model out of date", extra={"advice": self._current.advice})
