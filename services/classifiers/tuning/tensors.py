"""Numbers of a file of safetensors: the size of a head in JSON, the head, and bytes."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt

Tensors = dict[str, npt.NDArray[np.float32]]


def tensors_of(content: bytes) -> Tensors:
    """Return the tensors of single precision by name, each in its shape; those of other types are left out.

    Raises ValueError for what is no such file.
    """
    size = int.from_bytes(content[:8], "little")
    if size > len(content) - 8:
        raise ValueError(f"a head of {size:,} bytes in a file of {len(content):,}")
    head = json.loads(content[8 : 8 + size])
    return {
        name: _tensor(content[8 + size :], name, said)
        for name, said in head.items()
        if name != "__metadata__" and said["dtype"] == "F32"
    }


def _tensor(numbers: bytes, name: str, said: Any) -> npt.NDArray[np.float32]:
    start, end = said["data_offsets"]
    shape = tuple(said["shape"])
    if not 0 <= start <= end <= len(numbers) or end - start != 4 * int(np.prod(shape)):
        raise ValueError(f"tensor {name!r} of shape {shape} at bytes {start} to {end} of {len(numbers):,}")
    return np.frombuffer(numbers[start:end], "<f4").reshape(shape)
