"""How a position is kept in Kafka."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae.broker import MAX_NOTE_BYTES, Position
from catenae.brokers.kafka.stored import END, Stored

KAFKAS_LIMIT = 4096


@given(st.binary(max_size=300), st.integers(0, 2**63))
def test_a_position_comes_back(note: bytes, generation: int) -> None:
    stored = Stored.of(Position(7, note), generation)

    assert stored.position == Position(7, note)
    assert stored.generation == generation
    assert "\0" not in stored.text


def test_how_far_the_group_was_is_kept_while_it_is_not_as_far_again() -> None:
    behind, beyond = (Stored.of(Position(offset, b"abc"), 5).of_topic("id", 30) for offset in (20, 40))

    assert (behind.position, behind.topic_id, behind.furthest) == (Position(20, b"abc"), "id", 30)
    assert (beyond.topic_id, beyond.furthest) == ("id", 40)
    assert "1e" not in beyond.text


def test_the_longest_note_keeps_to_kafkas_limit() -> None:
    assert len(Stored.of(Position(0, b"\xff" * MAX_NOTE_BYTES), 2**63).text + END) <= KAFKAS_LIMIT


def test_the_end_that_a_client_needs_is_not_part_of_it() -> None:
    stored = Stored.of(Position(7, b"abc"), 5)

    assert Stored(7, stored.text + END).position == stored.position
    assert Stored(7, stored.text + END).generation == 5


@pytest.mark.parametrize("text", ["", "by hand", "a:b:c", "1:2:x", "1:3:\u0100"])
def test_of_a_position_that_others_set_the_offset_counts(text: str) -> None:
    assert Stored(7, text).position == Position(7)
