import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae.errors import StoreError
from catenae.store import ABSENT
from catenae.stores.aerospike_round import Attempt, new_version

pytest.importorskip("aerospike", reason="the extra aerospike is not installed")

import aerospike

from catenae.stores import aerospike_record as record
from catenae.stores.aerospike import ROUND_BYTES, rounds
from catenae.stores.aerospike_status import ROUND_KEYS

PLACE = ("test", "catenae")


def attempt(value: bytes | None = b"v", expected: int | None = None, key: str = "ann") -> Attempt:
    return Attempt("users", key, value, expected, new_version())


@pytest.mark.parametrize("key", ["", "ann", "ann\x00", "\x00", "half \ud83d a pair", "é😀", "k" * 600])
def test_every_key_has_a_digest_of_its_own_and_comes_back(key: str) -> None:
    found = record.user_key("users", key)

    assert record.key_text(found) == key
    assert aerospike.calc_digest(*PLACE, found) != aerospike.calc_digest(
        *PLACE, record.user_key("users", f"{key}\x00")
    )
    assert aerospike.calc_digest(*PLACE, found) != aerospike.calc_digest(
        *PLACE, record.user_key("user", f"s{key}")
    )


@pytest.mark.parametrize("namespace", ["", "a\x00b", "a\nb", "n" * 256, "\ud83d"])
def test_an_unfit_namespace_is_refused(namespace: str) -> None:
    with pytest.raises(StoreError, match="namespace"):
        record.user_key(namespace, "ann")


def test_a_removed_key_is_marked_and_holds_nothing() -> None:
    removal = attempt(value=None)
    bins = {operation["bin"]: operation["val"] for operation in record.write(PLACE, removal).ops}

    assert bins == {"n": "users", "t": -removal.version, "v": b"", "p": record.padding(removal)}
    assert record.entry(bins) is None


@pytest.mark.parametrize(
    ("made", "exists", "is_filtered"),
    [
        (attempt(expected=None), aerospike.POLICY_EXISTS_IGNORE, False),
        (attempt(expected=ABSENT), aerospike.POLICY_EXISTS_IGNORE, True),
        (attempt(expected=7), aerospike.POLICY_EXISTS_UPDATE, True),
        (attempt(value=None), aerospike.POLICY_EXISTS_UPDATE, False),
    ],
)
def test_a_write_says_what_must_be_there(made: Attempt, exists: int, *, is_filtered: bool) -> None:
    policy = record.write(PLACE, made).policy

    assert policy["exists"] == exists
    assert ("expressions" in policy) == is_filtered
    assert (policy["key"], policy["ttl"]) == (aerospike.POLICY_KEY_SEND, aerospike.TTL_NEVER_EXPIRE)


def test_versions_differ_and_are_never_absent() -> None:
    versions = {new_version() for _ in range(1000)}

    assert len(versions) == 1000
    assert ABSENT < min(versions) <= max(versions) < 2**63


@given(
    st.one_of(st.none(), st.binary(max_size=200)),
    st.one_of(st.none(), st.binary(max_size=200)),
    st.booleans(),
)
def test_successive_versions_of_a_record_never_take_equal_space(
    value: bytes | None, following: bytes | None, is_known: bool
) -> None:
    first = attempt(value)
    # Only of a removed key it may be unknown which version is replaced.
    former = first.version if is_known or value is not None else ABSENT
    second = attempt(following)._replace(version=new_version(former))
    if not is_known and following is None:
        return

    assert units(first) != units(second)


def units(made: Attempt) -> int:
    """Return what a record takes on a device, but for what is equal in all of its versions."""
    size = sum(len(each["val"]) for each in record.write(PLACE, made).ops if each["bin"] in "vp")
    return -(-size // 16)


def test_many_or_large_writes_are_cut_into_requests_that_servers_take() -> None:
    many = list(rounds(attempt(key=f"{number}") for number in range(ROUND_KEYS + 1)))
    large = list(rounds(attempt(value=bytes(ROUND_BYTES // 2)) for _ in range(3)))

    assert [len(each) for each in many] == [ROUND_KEYS, 1]
    assert [len(each) for each in large] == [2, 1]
    assert list(rounds([])) == []
