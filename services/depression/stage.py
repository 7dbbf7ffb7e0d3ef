"""What the stages have in common: messages by their model, and the arrays of a batch of messages."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from catenae import Message
from services.depression.model.artefact import Model
from services.models.in_use import Models

NO_SUCH_MODEL = "model not found"


def by_model(
    messages: Sequence[Message], models: Models[Model]
) -> Iterator[tuple[Model, list[Message]] | tuple[None, list[Message]]]:
    """Yield messages in order, those that follow each other and name the same version with its model.

    Those of a version that is nowhere come rejected, with None.
    """
    for version, some in groupby(messages, lambda message: message.value["model"]):
        model = models.of(version)
        if model is None:
            yield None, [message.reject(NO_SUCH_MODEL) for message in some]
        else:
            yield model, list(some)


def unpack_each(packed: Sequence[bytes], dtype: str) -> list[npt.NDArray[Any]]:
    """Return the array of each post, read-only and without copying. Raises ValueError on part of a number."""
    return [np.frombuffer(content, dtype) for content in packed]


def pack_each(flat: npt.NDArray[Any], lengths: Sequence[int], dtype: str) -> list[bytes]:
    """Cut values laid end to end, post after post, into the packed array of each; `lengths` (posts,)."""
    size_bytes = np.dtype(dtype).itemsize
    packed = flat.astype(dtype, copy=False).tobytes()
    ends = accumulate((length * size_bytes for length in lengths), initial=0)
    return [packed[start:end] for start, end in pairwise(ends)]
