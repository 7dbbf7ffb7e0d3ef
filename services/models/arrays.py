"""Arrays of numbers as files: `.npy` in one dimension, and nothing that could be more than numbers."""

import io
import re

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# The only head that NumPy gives such an array.
_NPY = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '<f8', 'fortran_order': False, 'shape': \((?P<size>\d{1,12}),\), \} *\n",
    re.DOTALL,
)


def npy_of(numbers: Floats) -> bytes:
    """Return the file of an array (n,)."""
    file = io.BytesIO()
    np.save(file, numbers.astype("<f8"), allow_pickle=False)
    return file.getvalue()


def array_of(content: bytes) -> Floats:
    """Return the numbers (n,) of a file as `npy_of` writes it; raise ValueError for any other.

    What the file says of itself is held against its size before anything is made of it.
    """
    head = _NPY.match(content)
    if head is None:
        raise ValueError("no array of numbers in one dimension")
    numbers = content[head.end() :]
    if len(numbers) != 8 * int(head["size"]):
        raise ValueError(f"an array of {int(head['size']):,} numbers in {len(numbers):,} bytes")
    return np.frombuffer(numbers, "<f8").astype(np.float64)
