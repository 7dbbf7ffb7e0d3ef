"""What an instance knows of its timers: the soonest first, in little memory, each read about once."""

import heapq
import tracemalloc
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae.codec.packing import pack
from catenae.runtime import later_alarms
from catenae.runtime.alarms import Alarms
from catenae.runtime.later_alarms import Alarm, LaterAlarms
from catenae.runtime.state_records import StateRecord, StateRecords
from catenae.stores.memory import MemoryStore
from catenae.testing import FakeClock

TIMERS = 1000
FEW = 100
KEY_OF_HALF_A_PAIR = "\ud83d"


class CountingRecords(StateRecords):
    """Notes how many records were read."""

    read = 0

    def get_many(self, keys: Sequence[str]) -> dict[str, object]:  # type: ignore[override]
        self.read += len(keys)
        return {**super().get_many(keys)}

    def all(self) -> Iterator[tuple[str, StateRecord]]:
        for each in super().all():
            self.read += 1
            yield each


@pytest.fixture
def records() -> CountingRecords:
    """Return as many timers as `TIMERS`, one a second, of a key each, in no order."""
    store = MemoryStore()
    clock_ms = int(FakeClock().now_s() * 1000)
    for number in range(TIMERS):
        due_ms = clock_ms + 1000 * (number * 7919 % TIMERS + 1)
        store.put("n.timers", f"key {number}", StateRecord(1, 0, pack({"": due_ms}), None).packed())
    return CountingRecords(store, "n.timers")


def rung(alarms: Alarms, clock: FakeClock) -> list[Alarm]:
    """Return what is rung in the next second, each handled at once."""
    clock.advance(1.0)
    due: list[Alarm] = []
    while (more := alarms.ring()) or alarms.pause_s() == 0:
        due += more
        alarms.handled(len(more))
    return due


def test_timers_that_do_not_fit_into_memory_ring_in_turn_and_are_read_about_once(
    records: CountingRecords,
) -> None:
    clock = FakeClock()
    alarms = Alarms(records, clock, most=FEW)
    alarms.own([0])

    due = [each.due_ms for _ in range(TIMERS) for each in rung(alarms, clock)]

    assert due == sorted(due)
    assert len(due) == TIMERS
    # Once to find it, once to know it, and once more when it comes next.
    assert records.read <= 3 * TIMERS


def test_of_those_that_waited_what_was_cancelled_or_moved_meanwhile_does_not_ring(
    records: CountingRecords,
) -> None:
    clock = FakeClock()
    alarms = Alarms(records, clock, most=FEW)
    alarms.own([0])
    rung(alarms, clock)
    moved_ms = int(clock.now_s() * 1000) + 10 * TIMERS * 1000
    for number in range(TIMERS):
        pending = {} if number % 3 == 0 else {"": moved_ms} if number % 3 == 1 else None
        if pending is not None:
            value = pack(pending) if pending else None
            records._store.put("n.timers", f"key {number}", StateRecord(2, 0, value, None).packed())
            alarms.note(0, f"key {number}", pending)

    due = [each.key for _ in range(TIMERS) for each in rung(alarms, clock)]

    assert due
    assert {int(key.split()[1]) % 3 for key in due} == {2}


@pytest.mark.lengthy
def test_timers_that_are_moved_without_end_take_no_more_memory(
    records: CountingRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catenae.runtime.alarms.MOST_OUTDATED", 10 * TIMERS)
    clock = FakeClock()
    alarms = Alarms(records, clock, most=FEW)
    alarms.own([0])
    rung(alarms, clock)

    for again in range(60_000):
        alarms.note(0, "key 1", {"": int(clock.now_s() * 1000) + 10_000_000 + again})
        if again % 100 == 0:
            rung(alarms, clock)

    assert len(alarms._later) <= 2 * TIMERS + 10 * TIMERS + 100


@given(st.lists(st.one_of(st.none(), st.integers(0, 50)), max_size=60))
def test_later_alarms_come_out_soonest_first(acts: list[int | None]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(later_alarms, "FRESH", 3)
        patched.setattr(later_alarms, "PACKED", 2)
        later, model = LaterAlarms(), list[Alarm]()
        for act in acts:
            if act is not None:
                alarm = Alarm(act, KEY_OF_HALF_A_PAIR, f"name {act}", act, act % 3)
                later.put(alarm)
                heapq.heappush(model, alarm)
            elif model:
                assert later.first() == model[0]
                assert later.take() == heapq.heappop(model)

        assert [later.take() for _ in range(len(later))] == sorted(model)
        assert later.first() is None


@pytest.mark.lengthy
def test_so_many_later_alarms_take_some_twenty_bytes_each() -> None:
    tracemalloc.start()
    later = LaterAlarms()
    for number in range(50_000):
        due_ms = 1_800_000_000_000 + number * 7_919_000 % 3_600_000
        later.put(Alarm(due_ms, f"someone {number * 7919 % 50_000}", "", due_ms, number % 12))
    taken_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert taken_bytes < 50_000 * 30 + later_alarms.FRESH * 400
