"""The contract of wherever the images of posts are."""

from typing import Protocol

MOST_BYTES = 5 * 2**20


class NoImage(Exception):
    """There is no image to be had by a name. `reason` is short, fixed, fit for counting, and names nobody."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Images(Protocol):
    """A place that has images. Thread-safe."""

    def read(self, name: str) -> bytes:
        """Return what is there by a name, of at most MOST_BYTES bytes, and whatever it may be.

        Raises NoImage for any name of which there is nothing, or nothing that may be read; TransientError
        where it may be asked for later.
        """

    def close(self) -> None:
        """Release what it holds."""
