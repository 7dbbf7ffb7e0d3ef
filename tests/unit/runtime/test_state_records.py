"""The bytes of a State record: those that every release has written."""

from hypothesis import given
from hypothesis import strategies as st

from catenae.codec.packing import pack
from catenae.runtime.state_records import StateRecord

NUMBERS = st.integers(0, 2**63)
VALUES = st.none() | st.binary()


@given(st.builds(StateRecord, NUMBERS, NUMBERS, VALUES, VALUES, st.dictionaries(NUMBERS, NUMBERS)))
def test_a_record_is_msgpack_and_comes_back(record: StateRecord) -> None:
    assert record.packed() == pack(list(record) if record.elsewhere else list(record)[:4])
    assert StateRecord.unpacked(record.packed()) == record
