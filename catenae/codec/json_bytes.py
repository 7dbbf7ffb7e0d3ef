"""Values to JSON bytes and back: what JSON has, and nothing that only Python's reader would take.

Written by orjson, which refuses what is not JSON, and read by msgspec, which keeps whole numbers of up to
4,300 digits.
"""

import json
from math import isfinite
from typing import Any

import msgspec
import orjson

from catenae.errors import CodecError
from catenae.struct_fields import fields_of

# A datetime and a dataclass are refused as any other object: what reads them would not get them back.
_PLAIN = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


# What `decode_json` raises for bytes that are not JSON.
NOT_JSON = (msgspec.MsgspecError, ValueError, RecursionError)
decode_json = msgspec.json.Decoder().decode


def write_json(value: Any) -> bytes:
    """Return `value` as compact UTF-8. Thread-safe.

    Raises CodecError, which names types and never the value, for what JSON has no word for: not-a-number and
    infinity too.
    """
    # Being asked for its fields, as for those of one within a value, costs half as much again.
    is_struct = type(value) is not dict and isinstance(value, msgspec.Struct)
    plain = fields_of(value) if is_struct else value
    try:
        data = orjson.dumps(plain, _plain, _PLAIN)
    except TypeError:
        return _write_the_rest(value)
    # Where there should be no number, orjson writes null.
    if b"null" in data and _has_odd_number(value):
        return _write_the_rest(value)
    # orjson's bytes sit in a block of a kilobyte at least, cut to size. A batch of those costs 2 µs each in
    # memory that cannot be used again; a batch of copies costs 0.1 µs each.
    return b"%b" % data


def read_json(data: bytes) -> Any:
    """Return the value that JSON bytes stand for. Thread-safe. Raises CodecError for any other bytes."""
    try:
        return decode_json(data)
    except NOT_JSON as error:
        raise CodecError(f"{len(data):,} bytes are not JSON ({type(error).__name__})") from error


def _write_the_rest(value: Any) -> bytes:
    """Write what orjson does not take, such as whole numbers beyond 64 bits, or say what is wrong."""
    try:
        return json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain
        ).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise CodecError(
            f"a value of type {type(value).__name__} cannot be written as JSON ({type(error).__name__}). "
            f"Send plain values with keys of type str, or choose format msgpack"
        ) from error


def _plain(value: Any) -> Any:
    """Return what is to be written in place of what JSON has no word for."""
    if isinstance(value, msgspec.Struct):
        return fields_of(value)
    raise TypeError


def _has_odd_number(value: Any) -> bool:
    if isinstance(value, msgspec.Struct):
        value = fields_of(value)
    if isinstance(value, float):
        return not isfinite(value)
    if isinstance(value, dict):
        return any(map(_has_odd_number, value.values()))
    return isinstance(value, list | tuple) and any(map(_has_odd_number, value))
