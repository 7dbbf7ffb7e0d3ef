"""A msgspec Struct as it travels: the dict of its fields, of which a reader of that type makes one again."""

from typing import Any

import msgspec
from msgspec.structs import asdict


def fields_of(struct: msgspec.Struct) -> dict[str, Any]:
    """Return the fields under the names by which they travel, and the tag of a type that has one."""
    config = struct.__struct_config__
    if config.tag_field is None and struct.__struct_encode_fields__ == struct.__struct_fields__:
        return asdict(struct)
    tag = {} if config.tag_field is None else {config.tag_field: config.tag}
    names = zip(struct.__struct_encode_fields__, struct.__struct_fields__, strict=True)
    return {**tag, **{encoded: getattr(struct, name) for encoded, name in names}}
