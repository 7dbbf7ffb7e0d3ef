"""What is decided, and what never is."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae.scaling.figures import Figures, Load
from catenae.scaling.history import Change, History, Verdict
from catenae.scaling.limits import Limits
from catenae.scaling.rule import REVERSED_AFTER_S, Decision, decide
from tests.unit.scaling.loads import LIMITS, NOW_S, figures, load


def decided(now: Load, history: History | None = None, at_s: float = NOW_S) -> Decision:
    """Return what is decided of a node "a"."""
    (decision,) = decide(figures(at_s, a=now), history or History(), {"a": LIMITS})
    return decision


def lived(loads: Iterable[tuple[float, Load]]) -> History:
    """Return the history of a node that was seen so, by seconds."""
    history = History()
    for at_s, each in loads:
        history = history.after(figures(NOW_S + at_s, a=each), {"a": LIMITS})
    return history


def test_what_is_needed_is_had_at_once() -> None:
    assert decided(load(arrives_per_s=150, instances=2)).replicas == 4


def test_no_more_than_twice_as_many_are_started_at_once() -> None:
    assert decided(load(arrives_per_s=600, instances=2)).replicas == 4


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"is_pinned": True}, "a person has said"),
        ({"waits_for": "the broker is away"}, "it waits: the broker is away"),
        ({"ready": 0}, "0 of 1 instances are ready"),
        ({"dead_per_s": 3.0}, "sets 3 messages a second aside"),
        ({"busy": 0.2}, "20% busy: it waits for something else"),
        ({"rate_per_s": None}, "handled too little"),
    ],
)
def test_what_no_instances_mend_is_left_alone(fields: dict[str, Any], reason: str) -> None:
    decision = decided(load(arrives_per_s=600, **fields))

    assert decision.replicas == 1
    assert reason in decision.reason


@pytest.mark.parametrize(
    ("fields", "reason"), [({"age_s": 16.0}, "16 s old"), ({"covers_s": 3.0}, "cover only 3 s")]
)
def test_figures_that_are_old_or_too_new_say_nothing(fields: dict[str, Any], reason: str) -> None:
    (decision,) = decide(replace(figures(a=load(arrives_per_s=600)), **fields), History(), {"a": LIMITS})

    assert (decision.replicas, reason in decision.reason) == (1, True)


def test_a_node_without_figures_is_not_decided_upon() -> None:
    assert decide(figures(), History(), {"a": LIMITS}) == []


def test_fewer_are_had_after_five_minutes_of_lower_need() -> None:
    small = load(arrives_per_s=40, instances=4)
    history = lived((at_s, small) for at_s in range(0, 300, 5))

    assert decided(small, history, NOW_S + 295).replicas == 4
    assert decided(small, history, NOW_S + 300).replicas == 1


def test_a_peak_within_five_minutes_counts() -> None:
    small, large = load(arrives_per_s=40, instances=4), load(arrives_per_s=90, instances=4)
    history = lived((at_s, large if at_s == 200 else small) for at_s in range(0, 300, 5))

    assert decided(small, history, NOW_S + 300).replicas == 2


def test_a_source_that_is_silent_is_waited_for() -> None:
    busy, silent = load(arrives_per_s=180, instances=4), load(instances=4)
    history = lived((at_s, busy if at_s < 60 else silent) for at_s in range(0, 600, 5))

    assert decided(silent, history, NOW_S + 600).replicas == 4
    assert decided(load(arrives_per_s=180, instances=4), history, NOW_S + 600).replicas == 4


def changed(before: int, after: int, at_s: float, **fields: Any) -> Change:
    """Return a change of the node "a", which handled 60 messages a second an instance."""
    return Change(1, at_s, "a", before, after, "", ready=before, could=60.0 * before, **fields)


def test_more_that_have_brought_nothing_are_undone_but_not_at_once() -> None:
    history = History(changes=(changed(2, 4, NOW_S),))
    slower = load(arrives_per_s=200, due=900, instances=4, rate_per_s=30.0)
    for at_s in range(20, 120, 5):
        assert decided(slower, history, NOW_S + at_s).replicas == 4
        history = history.after(figures(NOW_S + at_s, a=slower), {"a": LIMITS})

    assert history.changes[-1].verdict is Verdict.FAILED
    assert decided(slower, history, NOW_S + 125).replicas == 2


def test_what_becomes_slow_after_more_were_started_is_no_reason_to_undo() -> None:
    history = History(changes=(changed(2, 4, NOW_S),))
    for at_s in range(20, 120, 5):
        now = load(arrives_per_s=150, instances=4, rate_per_s=60.0 if at_s < 40 else 25.0)
        history = history.after(figures(NOW_S + at_s, a=now), {"a": LIMITS})

    assert history.changes[-1].verdict is Verdict.KEPT


def test_after_more_that_brought_nothing_more_are_tried_later_and_later() -> None:
    failed = changed(2, 4, NOW_S, verdict=Verdict.FAILED)
    undone = Change(2, NOW_S + 120, "a", 4, 2, "")
    needy = load(arrives_per_s=200, instances=2)
    twice = History(changes=(failed, undone, replace(failed, serial=3, at_s=NOW_S + 400), undone))

    assert decided(needy, History(changes=(failed, undone)), NOW_S + 299).replicas == 2
    assert decided(needy, History(changes=(failed, undone)), NOW_S + 301).replicas == 4
    assert decided(needy, twice, NOW_S + 400 + 301).replicas == 2


def test_nothing_is_changed_while_all_are_slow_alike() -> None:
    usual = {"a": load(arrives_per_s=40), "b": load(arrives_per_s=40, rate_per_s=300.0)}
    slow = {"a": load(arrives_per_s=40, rate_per_s=30.0), "b": load(arrives_per_s=40, rate_per_s=150.0)}
    limits = dict.fromkeys(("a", "b"), LIMITS)
    history = History().after(figures(**usual), limits)
    (first, _) = decide(figures(NOW_S + 5, **slow), history, limits)

    assert (first.replicas, "2.0 times as slow as usual" in first.reason) == (1, True)


rounds = st.lists(
    st.tuples(
        st.floats(0, 2000),  # arrives a second
        st.integers(0, 20_000),  # waits
        st.sampled_from((60.0, 60.0, 60.0, 30.0, 5.0)),  # an instance handles a second
        st.integers(0, 3),  # so many are not ready
        st.sampled_from((5, 5, 5, 5, 40, 301)),  # seconds until the next
    ),
    max_size=60,
)


@given(rounds, st.integers(1, 5), st.integers(0, 40), st.integers(1, 48))
def test_whatever_comes_no_promise_is_broken(
    came: list[tuple[float, int, float, int, int]], least: int, more: int, partitions: int
) -> None:
    limits = Limits(min(least, partitions), min(least + more, partitions), 0.8, partitions)
    history, instances, at_s = History(), limits.least, NOW_S
    for arrives_per_s, due, rate_per_s, missing, pause_s in came:
        ready = max(0, instances - missing)
        now = load(arrives_per_s, due, instances, ready=ready, rate_per_s=rate_per_s)
        seen = Figures(at_s, {"a": now})
        decisions = decide(seen, history, {"a": limits})
        assert decisions == decide(seen, history, {"a": limits})
        (decision,) = decisions
        history = history.after(seen, {"a": limits}, decisions)
        if decision.replicas != instances:
            assert limits.hold(decision.replicas)
            assert decision.replicas <= 2 * instances
            assert decision.replicas <= limits.least or limits.useful(decision.replicas) == decision.replicas
        instances, at_s = decision.replicas, at_s + pause_s
    for one, other in zip(history.changes, history.changes[1:], strict=False):
        assert one.is_up == other.is_up or other.at_s - one.at_s >= REVERSED_AFTER_S
