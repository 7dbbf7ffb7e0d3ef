"""Figures out of totals."""

from typing import Any

import pytest

from catenae.scaling.window import InputTotals, NodeTotals, Sample, Window
from tests.unit.scaling.loads import NOW_S


def sample(at_s: float, handled: float, due: int = 0, **others: Any) -> Sample:
    inputs = {"texts": InputTotals(due)}
    return Sample(NOW_S + at_s, {"a": NodeTotals(2, 2, inputs, handled={"texts": handled}, **others)})


def test_what_arrives_is_what_was_handled_and_what_waits_more() -> None:
    window = Window({"a": 1000})
    for each in (sample(0, 0, due=10), sample(5, 100, due=10), sample(10, 200, due=60)):
        window.look(each)
    (inflow,) = window.figures(NOW_S + 10).loads["a"].inflows

    assert (inflow.arrives_per_s, inflow.recently_per_s) == (25.0, 30.0)


def test_the_commits_of_small_batches_count_as_those_of_full_ones() -> None:
    """A millisecond for a message and four for a commit, each of one message: of full ones it does 996."""
    window = Window({"a": 1000})
    window.look(sample(0, 0))
    window.look(sample(5, 200, batches=200, handler_s=0.2, rest_s=0.8))
    load = window.figures(NOW_S + 5).loads["a"]

    assert load.rate_per_s == pytest.approx(1 / (0.001 + 0.004 / 1000))
    assert load.busy == pytest.approx(0.1)


def test_a_few_messages_do_not_say_what_an_instance_can_do() -> None:
    window = Window({"a": 1000})
    window.look(sample(0, 0))
    window.look(sample(5, 10, batches=10, handler_s=0.2))

    assert window.figures(NOW_S + 5).loads["a"].rate_per_s is None


@pytest.mark.parametrize("later", [sample(10, 5), sample(26, 900)], ids=["began anew", "nobody looked"])
def test_what_cannot_be_compared_with_before_is_the_first_again(later: Sample) -> None:
    window = Window({"a": 1000})
    for each in (sample(0, 0), sample(5, 100), later):
        window.look(each)

    assert window.figures(later.at_s).covers_s == 0.0


def test_figures_reach_back_half_a_minute() -> None:
    window = Window({"a": 1000})
    for at_s in range(0, 100, 5):
        window.look(sample(at_s, at_s * 10))

    assert window.figures(NOW_S + 97).covers_s == 30.0
    assert window.figures(NOW_S + 97).age_s == 2.0
