"""The declared type of a topic's values: what does not fit is told by field, never by what it held.

A TypedDict, msgspec Struct or dataclass. A value of a TypedDict stays a dict, with the declared fields and no
other. Types are strict: no text for a number, and bounds as `Annotated[int, msgspec.Meta(ge=0)]` says.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

import msgspec
from msgspec import inspect

from catenae.errors import CatenaeError, TopologyError

# What the codec has of its own, and JSON has not.
_BUILT_IN = (bytes, datetime, date)
_INDEX = re.compile(r"\[\d+\]")
_JSON_HAS = (
    inspect.NoneType,
    inspect.BoolType,
    inspect.IntType,
    inspect.FloatType,
    inspect.StrType,
    inspect.LiteralType,
)
_MSGPACK_HAS = (*_JSON_HAS, inspect.BytesType)
# Words of the type alone; others may quote the value.
_HARMLESS = re.compile(r"Expected|Object missing required field")


class Misfit(CatenaeError):
    """A value that is not of its declared type; `reason` has names of types and fields alone."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class ValueType:
    """One `declared` type. Raises `TopologyError` for what is none that values can be checked by."""

    def __init__(self, declared: Any) -> None:
        self.declared = declared
        self._several = list[declared]
        self._name = getattr(declared, "__name__", str(declared))
        try:
            msgspec.json.Decoder(declared)
        except TypeError as error:
            raise TopologyError(
                f"values cannot be checked by {self._name}: {error}. Declare a TypedDict, a msgspec Struct "
                f"or a dataclass, or leave the annotation at Message"
            ) from error

    def of(self, value: Any) -> Any:
        """Return a value as its type has it; raise `Misfit`."""
        try:
            return msgspec.convert(value, self.declared, builtin_types=_BUILT_IN)
        except msgspec.ValidationError as error:
            raise Misfit(f"value does not fit {self._name}: {_told(str(error))}") from None
        except RecursionError:
            raise Misfit(f"value does not fit {self._name}: $: nested too deep") from None

    @cached_property
    def of_json(self) -> Callable[[bytes], Any] | None:
        """What reads JSON into the type, at no cost; None if `of` may come to something else.

        It raises whatever msgspec does for what is not JSON, or does not fit.
        """
        is_the_same = _is_made_of(inspect.type_info(self.declared), _JSON_HAS, frozenset())
        return msgspec.json.Decoder(self.declared).decode if is_the_same else None

    @cached_property
    def of_msgpack(self) -> Callable[[bytes], Any] | None:
        """The same for msgpack, by the extensions of `packing`: those are in no such type."""
        is_the_same = _is_made_of(inspect.type_info(self.declared), _MSGPACK_HAS, frozenset())
        return msgspec.msgpack.Decoder(self.declared).decode if is_the_same else None

    def of_each(self, values: Sequence[Any]) -> list[Any] | None:
        """Return all of the values in one go; None if one of them does not fit."""
        try:
            fitted: list[Any] = msgspec.convert(list(values), self._several, builtin_types=_BUILT_IN)
        except (msgspec.ValidationError, RecursionError):
            return None
        return fitted


def _told(error: str) -> str:
    """Return the path of the field and what is wrong with it, in words of the declaration alone."""
    what, _, where = error.partition(" - at ")
    path = _INDEX.sub("[…]", where.replace("`", "")) or "$"
    if not _HARMLESS.match(what):
        return f"{path}: is none of those that are declared"
    return f"{path}: {what[0].lower()}{what[1:]}".replace("`", "")


def _is_made_of(kind: inspect.Type, plain: tuple[type, ...], seen: frozenset[Any]) -> bool:
    """Say whether a type is made of `plain` ones alone; `seen` are the classes that it is a part of."""
    match kind:
        case inspect.UnionType(types=several):
            return all(_is_made_of(each, plain, seen) for each in several)
        case inspect.ListType(item_type=item) | inspect.DictType(value_type=item, key_type=inspect.StrType()):
            return _is_made_of(item, plain, seen)
        case inspect.StructType() | inspect.TypedDictType() | inspect.DataclassType():
            inner = seen | {kind.cls}
            return kind.cls in seen or all(_is_made_of(each.type, plain, inner) for each in kind.fields)
        case _:
            return isinstance(kind, plain)
