"""Whether every value of one declared type is one of another, field by field.

A reader's type may know fewer fields than its writer's, may take more than it is sent, and has defaults for
what may be missing. Bounds of numbers and lengths are not compared: these are checked message by message.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import inspect

_FIELDS = (inspect.StructType, inspect.TypedDictType, inspect.DataclassType, inspect.NamedTupleType)
_ITEMS = (
    inspect.ListType,
    inspect.SetType,
    inspect.FrozenSetType,
    inspect.VarTupleType,
    inspect.CollectionType,
)
# As deep as types are followed that are parts of themselves.
MOST_LEVELS = 20


def misfits(written: Any, read: Any) -> Iterator[str]:
    """Yield the path of each part that a value of type `written` may have and none of type `read` has."""
    if written is not read:
        yield from _compared(inspect.type_info(written), inspect.type_info(read), "$", MOST_LEVELS)


def _compared(  # noqa: C901, PLR0912  a case for each kind of type
    written: inspect.Type, read: inspect.Type, path: str, levels: int
) -> Iterator[str]:
    match written, read:
        case (_, inspect.AnyType()) | (_, inspect.RawType()):
            return
        case _ if levels == 0:
            return
        case (inspect.Metadata(type=bare), _):
            yield from _compared(bare, read, path, levels)
        case (_, inspect.Metadata(type=bare)):
            yield from _compared(written, bare, path, levels)
        case (inspect.UnionType(types=several), _):
            for each in several:
                yield from _compared(each, read, path, levels)
        case (_, inspect.UnionType(types=several)):
            if all(any(_compared(written, each, path, levels - 1)) for each in several):
                yield f"{path} may be {_word(written)}, which is not expected"
        case (inspect.LiteralType(values=known), inspect.LiteralType(values=expected)):
            if new := [each for each in known if each not in expected]:
                yield f"{path} may be {' or '.join(map(repr, new))}, which is not expected"
        case (inspect.LiteralType(values=known), _):
            kinds = {type(each) for each in known}
            for kind in sorted(kinds, key=str):
                yield from _compared(inspect.type_info(kind), read, path, levels - 1)
        case (inspect.IntType(), inspect.FloatType()):
            return
        case _ if isinstance(written, _FIELDS) and isinstance(read, _FIELDS):
            yield from _fields(written, read, path, levels)
        case _ if isinstance(written, _ITEMS) and isinstance(read, _ITEMS):
            yield from _compared(written.item_type, read.item_type, f"{path}[…]", levels - 1)
        case (inspect.DictType(value_type=one), inspect.DictType(value_type=other)):
            yield from _compared(one, other, f"{path}[…]", levels - 1)
        case _ if isinstance(written, _FIELDS) and isinstance(read, inspect.DictType):
            for field in written.fields:
                yield from _compared(field.type, read.value_type, f"{path}.{field.encode_name}", levels - 1)
        case _:
            if type(written) is not type(read):
                yield f"{path} is {_word(written)}, where {_word(read)} is expected"


def _fields(written: Any, read: Any, path: str, levels: int) -> Iterator[str]:
    there = {each.encode_name: each for each in written.fields}
    for each in read.fields:
        field = there.pop(each.encode_name, None)
        if field is None:
            if each.required:
                yield f"{path}.{each.encode_name} is missing"
            continue
        if each.required and not field.required and _may_be_left_out(written):
            yield f"{path}.{each.encode_name} may be missing"
        yield from _compared(field.type, each.type, f"{path}.{each.encode_name}", levels - 1)
    if getattr(read, "forbid_unknown_fields", False):
        for name in there:
            yield f"{path}.{name} is not expected"


def _may_be_left_out(written: Any) -> bool:
    """Say whether fields that are not required are left out; a Struct or dataclass sends its defaults."""
    return isinstance(written, inspect.TypedDictType)


def _word(kind: inspect.Type) -> str:
    return type(kind).__name__.removesuffix("Type").lower()
