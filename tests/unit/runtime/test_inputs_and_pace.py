from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

import pytest

from catenae.broker import Batch, Session
from catenae.input_modes import BASE, Exponential, InputMode
from catenae.message import Record
from catenae.retry import Retry
from catenae.runtime.inputs import Inputs, input_mode
from catenae.runtime.lanes import Lanes
from catenae.runtime.loop import records_of
from catenae.runtime.pace import Pace
from catenae.testing import require_fair, shares_of


class Backlog:
    """A session of topics with so many records each, which notes what its polls held."""

    def __init__(self, **records: int) -> None:
        self.records = dict(records)
        self.held: list[int] = []

    def poll(self, limits: Mapping[str, int], _timeout_s: float, held: Sequence[Batch] = ()) -> Batch:
        found = []
        self.held.append(len(held))
        for topic, limit in limits.items():
            taken = min(limit, self.records[topic])
            self.records[topic] -= taken
            found += [Record(topic, None, b"")] * taken
        return Batch(0, 0, found)


def exponential(topics: Sequence[str]) -> Inputs:
    return input_mode("exponential", topics)


def shares(mode: Inputs, backlog: Backlog, batches: int = 50, records: int = 100) -> Mapping[str, int]:
    handled: Counter[str] = Counter()
    for _ in range(batches):
        polled = mode.poll(cast("Session", backlog), records, 0.0)
        handled.update(each.topic for each in records_of(polled))
    return MappingProxyType(handled)


def test_parity_gives_busy_inputs_the_same() -> None:
    handled = shares(input_mode("parity", ["a", "b"]), Backlog(a=10**6, b=10**6))
    assert handled["a"] == handled["b"]


def test_exponential_shares_follow_the_weights_over_a_window() -> None:
    handled = shares(exponential(["a", "b", "c"]), Backlog(a=10**6, b=10**6, c=10**6))

    assert handled["a"] / handled["b"] == pytest.approx(BASE, rel=0.05)
    assert handled["b"] / handled["c"] == pytest.approx(BASE, rel=0.05)


@pytest.mark.parametrize("records", [1, 4])
def test_the_shares_hold_when_batches_are_small(records: int) -> None:
    backlog = Backlog(a=10**6, b=10**6, c=10**6)
    handled = shares(exponential(["a", "b", "c"]), backlog, 2000, records)

    assert sum(handled.values()) == 2000 * records
    assert handled["a"] / handled["b"] == pytest.approx(BASE, rel=0.05)
    assert handled["b"] / handled["c"] == pytest.approx(BASE, rel=0.05)


def test_each_poll_of_a_batch_holds_those_before_it() -> None:
    backlog = Backlog(a=2, b=0)
    earlier = Batch(1, 0, [Record("a", None, b"")])
    batches = exponential(["a", "b"]).poll(cast("Session", backlog), 10, 0.0, [earlier])

    assert backlog.held == [1, 2, 3]
    assert len(records_of(batches)) == 2


def test_an_empty_input_gives_its_share_to_the_others() -> None:
    handled = shares(exponential(["a", "b", "c"]), Backlog(a=0, b=10**6, c=10**6))
    assert handled["b"] + handled["c"] > 0.9 * 50 * 100


def test_the_least_of_many_inputs_does_not_starve() -> None:
    topics = [f"t{number}" for number in range(12)]
    handled = shares(exponential(topics), Backlog(**dict.fromkeys(topics, 10**6)))
    assert handled["t11"] >= 4


class Greedy(InputMode):
    """All to the first, as often as it is asked; more than there is room for, and less than nothing."""

    def share(self, records: int) -> Mapping[str, int]:
        return {self.topics[0]: 5 * records, self.topics[-1]: -3}


class Idle(InputMode):
    def share(self, records: int) -> Mapping[str, int]:
        return {}


class Elsewhere(InputMode):
    def share(self, records: int) -> Mapping[str, int]:
        return {"else": records}


@pytest.mark.parametrize("mode", [Greedy, Idle, Exponential])
@pytest.mark.parametrize("inputs", [1, 2, 7])
def test_whatever_a_mode_gives_batches_are_full_and_nobody_starves(
    mode: type[InputMode], inputs: int
) -> None:
    for seed in range(3):
        require_fair(mode, inputs=inputs, seed=seed)


def test_what_a_mode_gives_is_what_its_inputs_get_but_for_whoever_went_without() -> None:
    assert shares_of(Greedy, {"a": 10**6, "b": 10**6}, batches=100) == {"a": 10_000}
    assert shares_of(Greedy, {"a": 10**6, "b": 10**6}, batches=202) == {"a": 20_198, "b": 2}


def test_a_mode_is_told_what_came() -> None:
    told: list[Mapping[str, int]] = []
    mode = type("Listening", (Idle,), {"took": lambda _, records: told.append(dict(records))})
    shares_of(mode, {"a": 3, "b": 1}, batches=2, records=2)

    assert told == [{"a": 2}, {"a": 1, "b": 1}]


def test_a_share_of_what_is_no_input_is_refused() -> None:
    with pytest.raises(ValueError, match="Elsewhere gives a share to 'else', no input; there are a, b"):
        shares_of(Elsewhere, {"a": 1, "b": 1})


def test_an_unfair_way_to_poll_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catenae.runtime.inputs.MOST_WITHOUT", 10**9)
    with pytest.raises(AssertionError, match=r"Greedy has left input_\d out of"):
        require_fair(Greedy)


def test_a_slow_handler_gets_small_batches_and_a_fast_one_full_ones() -> None:
    slow, fast = Pace(1000, batch_s=1.0), Pace(1000, batch_s=1.0)
    for _ in range(5):
        slow.took(slow.records, slow.records * 0.1)
        fast.took(fast.records, fast.records * 0.0001)

    assert slow.records == 10
    assert fast.records == 1000


def test_commits_that_take_long_whatever_is_in_them_get_full_batches() -> None:
    pace = Pace(1000, batch_s=1.0)
    for _ in range(9):
        pace.took(pace.records, pace.records * 0.0001, 2.0)

    assert pace.records == 1000


def test_a_commit_that_takes_very_long_gets_a_smaller_batch() -> None:
    pace = Pace(1000, batch_s=1.0)
    for _ in range(5):
        pace.took(pace.records, 0.001)
    pace.took(1000, 0.1, 10.0)

    assert pace.records == 500


def test_a_batch_is_at_least_as_large_as_there_are_threads() -> None:
    pace = Pace(1000, batch_s=1.0, at_once=32)
    pace.took(32, 300.0)
    assert pace.records == 32


def test_a_batch_is_never_empty() -> None:
    pace = Pace(1000, batch_s=1.0)
    pace.took(1, 3600.0)
    assert pace.records == 1


def test_lanes_return_results_in_order_and_keep_each_lane_in_order() -> None:
    seen: list[int] = []

    def note(index: int) -> int:
        seen.append(index)
        return -index

    lanes = Lanes(4)
    results = lanes.run(note, [index % 3 if index % 2 else None for index in range(40)])
    lanes.close()

    assert results == [-index for index in range(40)]
    for lane in range(3):
        mine = [index for index in seen if index % 2 and index % 3 == lane]
        assert mine == sorted(mine)


def test_an_error_in_one_lane_is_raised_after_all_have_ended() -> None:
    ended: list[int] = []

    def fail_on_three(index: int) -> Any:
        if index == 3:
            raise ValueError(index)
        ended.append(index)

    lanes = Lanes(2)
    with pytest.raises(ValueError, match="3"):
        lanes.run(fail_on_three, [None] * 10)
    lanes.close()
    assert sorted(ended) == [0, 1, 2, 4, 5, 6, 7, 8, 9]


def test_pauses_double_up_to_a_bound() -> None:
    policy = Retry(first_pause_s=0.1, longest_pause_s=1.0)
    assert [policy.pause_s(attempt) for attempt in (1, 2, 3, 9)] == pytest.approx([0.1, 0.2, 0.4, 1.0])
