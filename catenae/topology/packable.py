"""Which types State can keep, as far as an annotation tells."""

import collections.abc
import types
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, get_args, get_origin, is_typeddict

from catenae.store import State

_PACKABLE: frozenset[object] = frozenset(
    {bool, int, float, str, bytes, bytearray, memoryview, list, dict, tuple, set, frozenset, datetime, date}
    | {object, types.NoneType, Any}
)


def unpackable(annotation: Any) -> Iterator[str]:
    """Yield the names of the classes in an annotation whose instances cannot be packed.

    What says nothing certain, such as a protocol or a type variable, is let pass.
    """
    if isinstance(annotation, type) and get_origin(annotation) is None and not _is_packable(annotation):
        yield annotation.__qualname__
    for each in get_args(annotation):
        yield from unpackable(each)


def _is_packable(kind: type) -> bool:
    if kind in _PACKABLE or kind is State or is_typeddict(kind) or kind.__module__ == "numpy":
        return True
    return kind.__module__ == collections.abc.__name__ or getattr(kind, "_is_protocol", False)
