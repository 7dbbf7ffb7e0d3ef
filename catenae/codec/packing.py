"""Values to msgpack bytes and back, exactly. Hostile bytes run no code and raise nothing but CodecError.

What msgpack has no type for travels as an extension. The numbers belong to the wire format and never change:

    number  value                                 payload
    -1      datetime in UTC                       msgpack's own Timestamp
    1       tuple                                 msgpack array of the items
    2       set                                   msgpack array, in the order of the items' packed bytes
    3       frozenset                             as 2
    4       datetime, naive or of another zone    ISO 8601 in ASCII, "2026-11-21T10:00:00.000001+01:00"
    5       date                                  ISO 8601 in ASCII, "2026-11-21"
    6       int outside of -2**63 ... 2**64 - 1   two's complement, big-endian
    7       numpy array                           msgpack array: dtype as "<f4", shape, items in C order

Changed on the way: a msgspec Struct becomes the dict of its fields, bytearray and memoryview become bytes, a
numpy scalar a plain value, a named time zone its offset; an array comes back read-only. Subclasses of plain
types are refused rather than changed into those. A list that others write as a key is read as a tuple.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, NamedTuple

from msgpack import ExtType, Packer, Timestamp
from msgspec import MsgspecError, Struct
from msgspec.msgpack import Decoder

from catenae.errors import CodecError
from catenae.struct_fields import fields_of

# Each level of extensions copies its payload: without a bound, hostile bytes take the square of their size.
MAX_EXTENSION_DEPTH = 32

# Numbers, bytes, text and times, none of size 0. Objects need pickle; structures, a parser of hostile text.
_ARRAY_DTYPE = re.compile(r"[<>|][biufcmMSU][1-9]\d*(\[\d*[a-zA-Z]+\])?")

# Grows when needed. The usual 256 KiB is mapped and unmapped for each extension, which costs 7 µs.
_BUFFER_BYTES = 2048

_MSGPACK_ERRORS = (ValueError, TypeError, OverflowError, RecursionError, MemoryError)


def pack(value: Any, depth: int = 0) -> bytes:
    """Return `value` as msgpack: dicts in their order, sets in one of their own. Thread-safe.

    depth  how many extensions the value is inside of

    Raises CodecError, which names types and never the value.
    """
    # Being asked for its fields, as for those of one within a value, costs three times as much.
    is_struct = type(value) is not dict and isinstance(value, Struct)
    plain = fields_of(value) if is_struct else value
    extend = partial(_extend, depth=depth) if depth else _extend
    try:
        # A packer per call costs 0.1 µs; a shared one mixes up the bytes of nested calls and of threads.
        packed: bytes = Packer(default=extend, strict_types=True, buf_size=_BUFFER_BYTES).pack(plain)
    except _MSGPACK_ERRORS as error:
        raise CodecError(
            f"a value of type {_name(type(value))} cannot be packed ({type(error).__name__}). "
            f"Send plain values: valid Unicode, nested less than 1,000 deep, nothing inside of itself"
        ) from error
    return packed


def unpack(data: bytes, depth: int = 0) -> Any:
    """Return the value that `pack` made into `data`. Thread-safe. Raises CodecError for any other bytes.

    depth  as it was packed
    """
    decoder = Decoder(ext_hook=partial(_restore, depth=depth)) if depth else _DECODER
    try:
        return decoder.decode(data)
    except (MsgspecError, *_MSGPACK_ERRORS) as error:
        raise CodecError(
            f"{len(data):,} bytes are not msgpack ({type(error).__name__}). "
            f"Look at who writes them, and with which content type"
        ) from error


class _Extension(NamedTuple):
    """A type that msgpack lacks: its number, and its payload for a place inside of so many extensions."""

    number: int
    write: Callable[[Any, int], bytes]
    read: Callable[[bytes, int], Any]


def _extend(value: Any, depth: int = 0) -> Any:
    """Return what msgpack is to write in place of `value`."""
    kind = type(value)
    if kind.__module__ == "numpy" and kind.__name__ != "ndarray":
        return _plain_scalar(value)
    extension = _ARRAY if kind.__module__ == "numpy" else _BY_TYPE.get(kind)
    if extension is None and isinstance(value, Struct):
        return fields_of(value)
    if extension is None:
        raise CodecError(
            f"values of type {_name(kind)} cannot be packed. Convert to None, bool, int, float, str, bytes, "
            f"list, dict, tuple, set, frozenset, datetime, date or a numpy array"
        )
    if kind is datetime and value.tzinfo is UTC:
        return Timestamp.from_datetime(value)
    _check_depth(depth)
    return ExtType(extension.number, extension.write(value, depth + 1))


def _restore(number: int, payload: memoryview, depth: int = 0) -> Any:
    """Return the value of an extension."""
    extension = _BY_NUMBER.get(number)
    if extension is None:
        raise CodecError(
            f"msgpack extension {number} is unknown; Catenae reads {sorted(_BY_NUMBER)} and timestamps. "
            f"Write plain msgpack, or JSON"
        )
    _check_depth(depth)
    return extension.read(bytes(payload), depth + 1)


def _check_depth(depth: int) -> None:
    if depth >= MAX_EXTENSION_DEPTH:
        raise CodecError(
            f"tuples or sets are nested more than {MAX_EXTENSION_DEPTH} deep. Use lists, which may be deeper"
        )


def _write_items(items: Iterable[Any], depth: int) -> bytes:
    return pack(list(items), depth)


def _write_sorted(items: Iterable[Any], depth: int) -> bytes:
    packed = sorted(pack(item, depth) for item in items)
    header: bytes = Packer(buf_size=_BUFFER_BYTES).pack_array_header(len(packed))
    return header + b"".join(packed)


def _write_iso(value: date, _depth: int) -> bytes:
    offset = value.utcoffset() if isinstance(value, datetime) else None
    if offset is not None and offset.microseconds:
        raise CodecError("a datetime's offset from UTC has a fraction of a second. Convert it to UTC")
    return value.isoformat().encode()


def _write_integer(value: int, _depth: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


def _write_array(array: Any, depth: int) -> bytes:
    dtype = array.dtype.str
    if not _ARRAY_DTYPE.fullmatch(dtype):
        raise CodecError(f"arrays of dtype {dtype!r} cannot be packed. Send numbers, text, bytes or times")
    return pack([dtype, list(array.shape), array.tobytes()], depth)


def _read_array(payload: bytes, depth: int) -> Any:
    # Imported where an array is met: numpy costs a light node 20 MB, and is no dependency of the library.
    try:
        import numpy as np  # noqa: PLC0415
    except ImportError as error:
        raise CodecError("a value holds a numpy array, and numpy is missing here. Install numpy") from error

    dtype, shape, items = unpack(payload, depth)
    if not _ARRAY_DTYPE.fullmatch(dtype):
        raise CodecError("an array of a dtype other than numbers, text, bytes or times cannot be read")
    array = np.ndarray(shape, dtype, items)
    if array.nbytes != len(items):
        raise CodecError(f"an array of {array.nbytes:,} bytes has {len(items):,}. Look at who writes it")
    return array


def _plain_scalar(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    if type(plain) not in (bool, int, float, str, bytes):
        raise CodecError(f"values of type {_name(type(value))} cannot be packed. Convert to a plain type")
    return plain


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")


_ARRAY = _Extension(7, _write_array, _read_array)

_BY_TYPE = {
    tuple: _Extension(1, _write_items, lambda payload, depth: tuple(unpack(payload, depth))),
    set: _Extension(2, _write_sorted, lambda payload, depth: set(unpack(payload, depth))),
    frozenset: _Extension(3, _write_sorted, lambda payload, depth: frozenset(unpack(payload, depth))),
    datetime: _Extension(4, _write_iso, lambda payload, _: datetime.fromisoformat(payload.decode("ascii"))),
    date: _Extension(5, _write_iso, lambda payload, _: date.fromisoformat(payload.decode("ascii"))),
    int: _Extension(6, _write_integer, lambda payload, _: int.from_bytes(payload, "big", signed=True)),
}
_BY_NUMBER = {extension.number: extension for extension in (*_BY_TYPE.values(), _ARRAY)}

# In half the time of msgpack's own; that has no equal in writing, as msgspec writes tuples and sets as lists.
_DECODER = Decoder(ext_hook=_restore)
