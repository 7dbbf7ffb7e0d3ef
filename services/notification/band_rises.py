"""Alerts that have reached a higher band than ever before, each a message that says nothing of whom."""

from collections.abc import Iterator, Sequence
from typing import Literal

from catenae import Message, Middle, State
from services.depression.alert_manager import height
from services.depression.values import WITHDRAWN, Alert
from services.notification.values import Rise

Band = Literal["raised", "high", "very high"]


class BandRises(Middle):
    """Tell of each alert that rises into one of some bands, once for each.

    Reads `Alert`; writes `Rise`, keyed by band. An alert that falls and reaches the band again tells nothing
    new; one that passes over a band tells of the higher one alone; one that was withdrawn begins anew.

    bands  those that are told of
    """

    def __init__(self, reached: State[str], bands: Sequence[Band] = ("high", "very high")) -> None:
        self._reached = reached
        self._bands = frozenset(bands)

    def transform(self, message: Message[Alert]) -> Iterator[Message[Rise]]:
        user = message.value["user"]
        before = self._reached.get(user)
        if WITHDRAWN in message.headers:
            if before is not None:
                del self._reached[user]
            return
        band = message.value["band"]
        if before is not None and height(band) <= height(before):
            return
        self._reached[user] = band
        if band in self._bands:
            # A message of its own: headers that travel say where somebody's posts have come from.
            yield Message({"model": message.value["model"]}, band)

    def forget(self, request: Message) -> tuple[()]:  # noqa: ARG002  State goes by itself
        """Forget whom it is about; what comes after knows of nobody, and so is not asked."""
        return ()
