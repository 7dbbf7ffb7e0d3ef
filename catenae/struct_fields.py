"""A msgspec Struct as it travels: the dict of its fields, of which a reader of that type makes one again."""

from functools import cache
from typing import Any

import msgspec
from msgspec.structs import asdict


def fields_of(struct: msgspec.Struct) -> dict[str, Any]:
    """Return the fields under the names by which they travel, and the tag of a type that has one."""
    if _travels_as_it_is(type(struct)):
        return asdict(struct)
    config = struct.__struct_config__
    tag = {} if config.tag_field is None else {config.tag_field: config.tag}
    names = zip(struct.__struct_encode_fields__, struct.__struct_fields__, strict=True)
    return {**tag, **{encoded: getattr(struct, name) for encoded, name in names}}


@cache
def _travels_as_it_is(kind: type[msgspec.Struct]) -> bool:
    return (
        kind.__struct_config__.tag_field is None and kind.__struct_encode_fields__ == kind.__struct_fields__
    )
