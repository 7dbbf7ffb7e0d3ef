"""The contract of `Metrics`, by which a service counts what is its own, beside its node's figures."""

from collections.abc import Sequence
from typing import Protocol


class Meter(Protocol):
    """Something that only grows, as a number of words."""

    def add(self, amount: float = 1.0) -> None:
        """Count so much more."""


class Level(Protocol):
    """Something that goes up and down, as a number of open files."""

    def set(self, value: float) -> None:
        """Say how much there is now."""


class Spread(Protocol):
    """How something is distributed, as lengths of texts."""

    def observe(self, value: float) -> None:
        """Count one of this size."""


class Metrics(Protocol):
    """What a service counts for Prometheus, each under a name of its own: lower-case letters, digits and _.

    All have the labels topology and node, and add up over the node's instances. They are figures for people:
    what a handler counts is counted again when it is called again. Thread-safe. Asked for a name again, the
    same is returned; TypeError for a name of another kind, ValueError for one that cannot be.
    """

    def counter(self, name: str, text: str) -> Meter:
        """Return what is served as `<name>_total`; `text` says what it is of."""

    def gauge(self, name: str, text: str) -> Level:
        """Return what is served as `<name>`."""

    def histogram(self, name: str, text: str, buckets: Sequence[float]) -> Spread:
        """Return what is served as `<name>_bucket`, by upper bounds, with `<name>_sum` and `<name>_count`."""
