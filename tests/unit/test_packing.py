"""Values survive packing exactly; hostile bytes raise CodecError and nothing else."""

import resource
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from catenae.codec.packing import MAX_EXTENSION_DEPTH, pack, unpack
from catenae.errors import CodecError
from tests.examples import share

OFFSETS = st.integers(-23 * 3600, 23 * 3600).map(lambda seconds: timezone(timedelta(seconds=seconds)))
SCALARS = (
    st.sampled_from([None, True, False, 1.5, 2**63, -(2**63) - 1, 2**64])
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary()
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC) | OFFSETS).map(lambda at: at.replace(fold=0))
)
KEYS = SCALARS | st.tuples(SCALARS, SCALARS) | st.frozensets(SCALARS, max_size=3)
VALUES = st.recursive(
    SCALARS | st.sets(KEYS, max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner, max_size=2)
    ),
    max_leaves=6,
)
ARRAYS = st.tuples(
    st.from_regex(r"[<>|]?[a-zA-Z][0-9]{0,9}(\[[0-9]{0,9}[a-z]*\])?", fullmatch=True),
    st.lists(st.integers(-1, 2**40), max_size=3),
    st.binary(max_size=16),
)
DTYPES = (
    hnp.boolean_dtypes()
    | hnp.integer_dtypes()
    | hnp.unsigned_integer_dtypes()
    | hnp.floating_dtypes()
    | hnp.complex_number_dtypes()
    | hnp.datetime64_dtypes()
    | hnp.timedelta64_dtypes()
    | hnp.byte_string_dtypes()
)


def typed(value: Any) -> Any:
    """Return `value` with every type beside it, since 1 == True == 1.0."""
    if isinstance(value, dict):
        return (dict, {repr(typed(key)): typed(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return (type(value), [typed(item) for item in value])
    if isinstance(value, set | frozenset):
        return (type(value), sorted(repr(typed(item)) for item in value))
    if isinstance(value, datetime):
        return (datetime, value, value.utcoffset())
    return (type(value), value)


@pytest.mark.lengthy
@given(VALUES)
@settings(max_examples=share(60))
def test_values_come_back_as_they_went(value: Any) -> None:
    assert typed(unpack(pack(value))) == typed(value)


@given(hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, min_side=0, max_side=4)))
@settings(max_examples=share(40))
def test_arrays_come_back_with_dtype_and_shape(array: Any) -> None:
    back = unpack(pack({"array": array}))["array"]

    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())


@given(st.binary(max_size=200))
@example(b"\xc7\x03\x07\x93\xa3<f4")
@settings(max_examples=share(100))
def test_any_bytes_unpack_or_raise_codec_error(data: bytes) -> None:
    try:
        unpack(data)
    except CodecError:
        return


@pytest.mark.lengthy
@given(st.integers(0, 8), st.binary() | ARRAYS.map(lambda array: msgpack.packb(list(array))))
@settings(max_examples=share(100))
def test_any_extension_unpacks_or_raises_codec_error(number: int, payload: bytes) -> None:
    try:
        unpack(msgpack.packb(msgpack.ExtType(number, payload)))
    except CodecError:
        return


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        pack([1, "two"])[:-1],
        pack(1) + pack(2),
        b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff\x01",
        b"\x91" * 100_000,
        b"\xa1\xff",
        msgpack.packb(msgpack.ExtType(99, b"")),
        msgpack.packb(msgpack.ExtType(2, b"\x91\x90")),
        msgpack.packb(msgpack.ExtType(4, b"yesterday")),
        b"\xc7\x0c\xff" + b"\xff" * 12,
        msgpack.packb(msgpack.ExtType(7, msgpack.packb(["|O8", [1], b"\x00" * 8]))),
        msgpack.packb(msgpack.ExtType(7, msgpack.packb(["<f4", [2**62], b""]))),
        msgpack.packb(msgpack.ExtType(7, msgpack.packb(["<U0", [2**40], b""]))),
        msgpack.packb(msgpack.ExtType(7, msgpack.packb(["<f4", [1], b"12345678"]))),
    ],
)
def test_hostile_bytes_raise_codec_error(data: bytes) -> None:
    with pytest.raises(CodecError):
        unpack(data)


@pytest.mark.lengthy
def test_lengths_that_lie_take_no_memory() -> None:
    # 900 lists of a million items each would be 7 GB.
    lying = b"\xdd\x00\x0f\xff\x00" * 900 + b"\x00" * 2**20
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(CodecError):
        unpack(lying)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 300_000


def test_extensions_nest_as_deep_as_promised_and_no_deeper() -> None:
    nested: tuple[Any, ...] = ()
    for _ in range(MAX_EXTENSION_DEPTH - 1):
        nested = (nested,)

    assert unpack(pack(nested)) == nested
    with pytest.raises(CodecError, match="deep"):
        pack((nested,))


def test_hostile_nests_of_extensions_are_cut_off() -> None:
    data = b"\x90"
    for _ in range(MAX_EXTENSION_DEPTH + 1):
        data = msgpack.packb(msgpack.ExtType(1, b"\x91" + data if data != b"\x90" else data))

    with pytest.raises(CodecError, match="deep"):
        unpack(data)


def test_equal_sets_give_equal_bytes_whatever_their_order() -> None:
    upwards, downwards = set(range(0, 64, 8)), set(range(56, -8, -8))

    assert list(upwards) != list(downwards)
    assert pack(upwards) == pack(downwards)


@pytest.mark.parametrize(
    "value", [Counter("secret"), np.array(["secret"], dtype=object), timedelta(1), ["\ud800secret"]]
)
def test_refused_values_are_not_named_and_their_types_are(value: Any) -> None:
    with pytest.raises(CodecError) as caught:
        pack([value])

    assert "secret" not in str(caught.value)
    assert any(name in str(caught.value) for name in ("Counter", "O", "timedelta", "list"))


def test_a_value_inside_of_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)

    with pytest.raises(CodecError):
        pack(value)


def test_numpy_scalars_become_plain_values() -> None:
    back = unpack(pack([np.float32(0.5), np.int64(3), np.bool_(True), np.str_("text")]))

    assert typed(back) == typed([0.5, 3, True, "text"])


@pytest.mark.parametrize("scalar", [np.complex64(1), np.datetime64("2026-11-21")])
def test_numpy_scalars_without_a_plain_value_are_refused(scalar: Any) -> None:
    with pytest.raises(CodecError, match="numpy"):
        pack(scalar)


def test_arrays_come_back_read_only() -> None:
    array = unpack(pack(np.arange(3)))

    assert not array.flags.writeable


def test_the_numbers_of_extensions_never_change() -> None:
    assert [
        pack(value).hex() for value in ((1,), {1}, frozenset({1}), date(1, 2, 3), 2**64, np.array([1], "|u1"))
    ] == [
        "d5019101",
        "d5029101",
        "d5039101",
        "c70a05" + b"0001-02-03".hex(),
        "c70906010000000000000000",
        "c70a0793a37c75319101c40101",
    ]


def test_utc_is_msgpacks_own_timestamp() -> None:
    assert msgpack.unpackb(pack(datetime(2026, 11, 21, tzinfo=UTC))) == msgpack.Timestamp(1795219200)


@pytest.mark.lengthy
def test_packing_needs_no_numpy() -> None:
    use = "from catenae.codec.packing import pack, unpack; unpack(pack([(1,)]))"
    code = f"import sys; {use}; sys.exit('numpy' in sys.modules)"

    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_offset_with_a_fraction_of_a_second_is_refused() -> None:
    with pytest.raises(CodecError, match="fraction of a second"):
        pack(datetime(2000, 1, 1, tzinfo=timezone(timedelta(microseconds=1))))
