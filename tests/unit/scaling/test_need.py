"""How many instances the load asks for."""

import pytest

from catenae.scaling.figures import Figures, Inflow, Load
from catenae.scaling.need import needs
from tests.unit.scaling.loads import LIMITS, figures, load


def test_what_waits_is_to_be_caught_up_with_in_a_minute() -> None:
    found = needs(figures(a=load(arrives_per_s=38, due=600)), {}, {"a": LIMITS})

    assert found["a"].instances == pytest.approx((38 + 10) / (60 * 0.8))


def test_what_lies_behind_a_bottleneck_is_given_what_the_bottleneck_will_write() -> None:
    first = load(arrives_per_s=240, instances=1, written_per_s={"halves": 120.0})
    second = Load(1, 1, (Inflow("halves", 120.0, 120.0),), handled_per_s=120.0, rate_per_s=150.0, busy=0.8)
    found = needs(figures(second=second, first=first), {}, dict.fromkeys(("first", "second"), LIMITS))

    assert found["first"].instances == pytest.approx(5.0)
    # Four times as much will be handled, and two are written for each.
    assert found["second"].flow_per_s == pytest.approx(480.0)


def test_a_bottleneck_that_may_not_be_scaled_writes_no_more_than_it_can() -> None:
    first = load(arrives_per_s=240, instances=1, written_per_s={"halves": 60.0})
    second = Load(1, 1, (Inflow("halves", 60.0, 60.0),), handled_per_s=60.0, rate_per_s=60.0)
    found = needs(figures(first=first, second=second), {}, {"second": LIMITS})

    assert found["second"].flow_per_s == pytest.approx(60.0)


def test_what_is_written_to_a_delayed_input_is_no_load_yet() -> None:
    first = load(arrives_per_s=240, instances=1, written_per_s={"later": 60.0})
    second = Load(1, 1, (Inflow("later", 5.0, 5.0, is_delayed=True),), handled_per_s=5.0, rate_per_s=60.0)
    found = needs(figures(first=first, second=second), {}, dict.fromkeys(("first", "second"), LIMITS))

    assert found["second"].flow_per_s == pytest.approx(5.0)


def test_what_goes_round_in_a_circle_comes_to_an_end() -> None:
    again = load(arrives_per_s=30, written_per_s={"texts": 10.0})

    assert set(needs(Figures(1.0, {"a": again, "b": again}), {}, {"a": LIMITS, "b": LIMITS})) == {"a", "b"}


def test_what_an_instance_can_do_is_remembered_while_it_does_nothing() -> None:
    idle = load(arrives_per_s=24, rate_per_s=None)

    assert needs(figures(a=idle), {"a": 30.0}, {"a": LIMITS})["a"].instances == pytest.approx(1.0)
    assert needs(figures(a=idle), {}, {"a": LIMITS}) == {}
