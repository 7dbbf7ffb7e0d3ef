from catenae.observability.multiprocess import NodeTotals
from catenae.running.local.status import Rate, Rates


def test_rates_are_those_of_the_last_three_seconds() -> None:
    rates = Rates()
    for second in range(10):
        received = 100 if second < 5 else 100 + (second - 4) * 10
        found = rates.look(second, {"a": NodeTotals(messages_in=received, handler_s=received / 1000)})

    assert found["a"].in_per_s == 10
    assert found["a"].handler_ms is not None
    assert round(found["a"].handler_ms, 6) == 1.0


def test_a_source_is_timed_by_what_it_writes() -> None:
    rates = Rates()
    rates.look(0.0, {})

    assert rates.look(2.0, {"a": NodeTotals(messages_out=20, handler_s=1.0)})["a"] == Rate(0.0, 10.0, 50.0)


def test_a_node_that_does_nothing_has_no_time_per_message() -> None:
    rates = Rates()
    rates.look(0.0, {"a": NodeTotals(messages_in=5)})

    assert rates.look(1.0, {"a": NodeTotals(messages_in=5)})["a"] == Rate(0.0, 0.0, None)
