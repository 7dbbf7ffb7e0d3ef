"""What is promised of three hours of a load that changes, on some of the seeds of the benchmark."""

import pytest

from benchmarks.autoscaling.load import hours
from benchmarks.autoscaling.rules import Keda, Ours, Static
from benchmarks.autoscaling.world import World, run


@pytest.mark.lengthy
@pytest.mark.parametrize("seed", [0, 8])
def test_posts_are_in_time_with_a_quarter_fewer_instance_hours_than_the_peak_needs(seed: int) -> None:
    static = run(Static(30), World(hours(seed), seed, 30))
    ours = run(Ours(0.8), World(hours(seed), seed, 24))

    assert static.late == 0
    assert ours.late <= 0.001
    assert ours.instance_hours <= 0.76 * static.instance_hours
    assert ours.changes <= 25
    assert ours.reversals == 0


def test_posts_that_wait_are_seen_to_be_late() -> None:
    assert run(Static(10), World(hours(0), 0, 10)).late > 0.5
    assert run(Keda(500), World(hours(0), 0, 24)).late > 0.1
