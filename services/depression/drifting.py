"""A running node's word on how far its users are from those of the training: a gauge, and a warning."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from catenae import Metrics
from services.depression.model.artefact import Model
from services.depression.model.drift import OTHER

logger = logging.getLogger(__name__)


class Watch(Protocol):
    """What is kept of the users of one version of a model."""

    def forget(self, user: str) -> None:
        """Let go of a user."""

    def index(self) -> float:
        """Return the stability index; 0 while too little is known."""


W = TypeVar("W", bound=Watch)


class Drifting(Generic[W]):
    """Watches by the version of the model; the gauge tells of the one that a message named last.

    name   of the gauge
    watch  makes one, from what a model was trained on
    """

    def __init__(self, metrics: Metrics, name: str, watch: Callable[[Mapping[str, Any]], W]) -> None:
        text = "Population stability index of the users, beside those of the training"
        self._gauge = metrics.gauge(name, text, is_largest=True)
        self._name = name
        self._watch = watch
        self._watches: dict[str, W] = {}
        self._last = ""
        self._told = 0.0
        self._is_other = False

    def of(self, model: Model) -> W:
        """Return what watches the users of a model."""
        self._last = model.version
        if model.version not in self._watches:
            self._watches[model.version] = self._watch(model.training.get("seen", {}))
        return self._watches[model.version]

    def forget(self, user: str) -> None:
        """Let go of a user."""
        for watch in self._watches.values():
            watch.forget(user)

    def tell(self) -> None:
        """Set the gauge, and warn once the index is that of another population, until it no longer is."""
        if not self._last:
            return
        index = self._watches[self._last].index()
        if index == self._told:
            return
        self._told = index
        self._gauge.set(index)
        if (index >= OTHER) != self._is_other:
            self._is_other = index >= OTHER
            told = {"gauge": self._name, "index": round(index, 3), "bound": OTHER, "version": self._last}
            logger.log(
                logging.WARNING if self._is_other else logging.INFO,
                "another population than in training" if self._is_other else "as in training again",
                extra=told,
            )
