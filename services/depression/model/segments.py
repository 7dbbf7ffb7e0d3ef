"""All term counts of a user, in dense segments by term id: a post reads and writes only those it touches.

Terms are numbered by falling document frequency, so most of a post's terms lie in the first few segments.
A segment is kept in the smallest integers that hold it, mostly of one byte; one of zeros is kept as nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.depression.model.counts import Entries, Ints, Rows

SEGMENT_TERMS = 256

_WIDTHS = tuple(np.dtype(name) for name in ("<i1", "<i2", "<i4"))
_LIMITS = tuple((width, int(np.iinfo(width).max)) for width in _WIDTHS)
_BY_LENGTH = {SEGMENT_TERMS * width.itemsize: width for width in _WIDTHS}


@dataclass(frozen=True, slots=True)
class Touched:
    """The segments a batch of posts touches, each once, and where in them each entry falls.

    users    (segments,)  whose segment it is, as given to `touched`
    numbers  (segments,)  which of the user's segments it is
    rows     (entries,)   which of the segments above
    columns  (entries,)   which count in it, below SEGMENT_TERMS
    """

    users: Rows
    numbers: Rows
    rows: Rows
    columns: Rows


def touched(entries: Entries, users: npt.NDArray[np.integer]) -> Touched:
    """Find the segments to read for a batch; `users` (posts,) numbers the author of each post, >= 0."""
    numbers, columns = np.divmod(entries.ids.astype(np.intp), SEGMENT_TERMS)
    per_user = int(numbers.max(initial=0)) + 1
    segments, rows = np.unique(users[entries.posts] * per_user + numbers, return_inverse=True)
    return Touched(segments // per_user, segments % per_user, rows, columns)


def add(segments: Ints, where: Touched, counts: Ints) -> Ints:
    """Add a batch to `segments` in place, post after post; return the counts each entry found before it.

    segments  (segments, SEGMENT_TERMS)  in the order of `where`, changed in place
    counts    (entries,)                 negative where a post is taken away
    returns   (entries,)                 earlier posts of the batch included
    """
    flat = segments.reshape(-1)
    cells = where.rows * SEGMENT_TERMS + where.columns
    order = np.argsort(cells, kind="stable")
    cell, count = cells[order], counts[order]
    added = np.cumsum(count) - count
    first = np.searchsorted(cell, cell)
    before = np.empty_like(counts)
    before[order] = flat[cell] + added - added[first]
    np.add.at(flat, cells, counts)
    return before


def pack_segments(segments: Ints) -> list[bytes]:
    """Pack each row of `segments` (segments, SEGMENT_TERMS); a row of zeros becomes empty bytes."""
    return [
        _pack(row, peak) for row, peak in zip(segments, np.abs(segments).max(axis=1, initial=0), strict=True)
    ]


def unpack_segments(packed: Sequence[bytes]) -> Ints:
    """Return (segments, SEGMENT_TERMS) as packed, writable; empty bytes are a segment never touched.

    Raises ValueError on a length that no segment has.
    """
    segments = np.zeros((len(packed), SEGMENT_TERMS), np.int32)
    for row, content in zip(segments, packed, strict=True):
        if content:
            row[:] = np.frombuffer(content, _width(len(content)))
    return segments


def _pack(row: Ints, peak: int) -> bytes:
    if not peak:
        return b""
    width = next(width for width, limit in _LIMITS if peak <= limit)
    return row.astype(width).tobytes()


def _width(length: int) -> np.dtype[np.signedinteger]:
    if length not in _BY_LENGTH:
        raise ValueError(f"a segment of {length} bytes; segments have {sorted(_BY_LENGTH)}")
    return _BY_LENGTH[length]
