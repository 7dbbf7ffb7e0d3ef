"""Sparse term counts of single posts, and the layout of a batch of them in flat arrays."""

import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from services.depression.model.reading import NEWEST, Reading

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Rows = npt.NDArray[np.intp]

_LITTLE_ENDIAN = np.dtype("<i4")


class Counts(NamedTuple):
    """How often each known term occurs in one text; of a text that is taken away again, the negative of it.

    ids     (terms of the text,)  term numbers, ascending and unique
    counts  (terms of the text,)  occurrences, never 0
    """

    ids: Ints
    counts: Ints


def count_terms(text: str, index: Mapping[str, int], reading: Reading = NEWEST) -> Counts:
    """Count the words of an author's own `text` that `index` (word → term number) knows."""
    occurrences, _ = count_words(text, index, reading)
    ids = sorted(occurrences)
    return Counts(np.array(ids, np.int32), np.array([occurrences[term] for term in ids], np.int32))


def count_words(
    text: str, index: Mapping[str, int], reading: Reading = NEWEST
) -> tuple[Mapping[int, int], int]:
    """Return how often each known word occurs, by its term number, and how many words are not known."""
    occurrences = Counter(map(index.get, reading.tokenise(text)))
    unknown = occurrences.pop(None, 0)
    return cast("Mapping[int, int]", occurrences), unknown


def pack(occurrences: Mapping[int, int], *, removed: bool = False) -> bytes:
    """Return all term ids, ascending, and then all counts as little-endian 32-bit integers.

    removed  the text is taken away again: all counts the other way round
    """
    # Without arrays, which would take four times as long for a text.
    ids = sorted(occurrences)
    counts = [occurrences[term] for term in ids]
    if removed:
        counts = [-count for count in counts]
    return struct.pack(f"<{2 * len(ids)}i", *ids, *counts)


def unpack(packed: bytes) -> Counts:
    """Return what `pack` packed, read-only and without copying.

    Raises ValueError if the length is not that of as many ids as counts.
    """
    return Counts(*np.frombuffer(packed, _LITTLE_ENDIAN).reshape(2, -1))


@dataclass(frozen=True, slots=True)
class Entries:
    """Which term of which post each entry of a batch speaks of; its values are arrays of the same length.

    ids    (entries,)  term numbers, post after post
    posts  (entries,)  0 … size - 1, ascending
    size   posts in the batch, those without a known term counted
    """

    ids: Ints
    posts: Rows
    size: int

    def total(self, values: npt.NDArray[np.generic]) -> Floats:
        """Add up each post's `values` (entries,); returns (posts,), 0 for a post without entries."""
        return cast("Floats", np.bincount(self.posts, weights=values, minlength=self.size))


def lay_out(ids: Sequence[Ints]) -> Entries:
    """Put the term ids of several posts end to end."""
    lengths = [len(of_post) for of_post in ids]
    flat = np.concatenate(ids) if ids else np.empty(0, np.int32)
    return Entries(flat, np.repeat(np.arange(len(ids)), lengths), len(ids))
