"""Which numbers of instances are of use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae.scaling.limits import Limits
from tests.unit.scaling.loads import LIMITS

limits = st.builds(
    lambda least, more, partitions: Limits(least, least + more, 0.8, max(partitions, least)),
    st.integers(1, 8),
    st.integers(0, 60),
    st.integers(1, 120),
)


@pytest.mark.parametrize(("need", "instances"), [(0, 1), (0.9, 1), (1.1, 2), (4.1, 6), (6.1, 12), (50, 12)])
def test_so_many_are_counted_that_the_fullest_has_time_to_spare(need: float, instances: int) -> None:
    assert LIMITS.count(need) == instances


def test_whoever_has_the_fullest_partition_is_relieved_by_nobody() -> None:
    assert LIMITS.count(12, fullest_share=0.5) == 2


@given(limits, st.integers(1, 200))
def test_no_smaller_number_within_the_limits_does_as_much(limit: Limits, instances: int) -> None:
    useful = limit.useful(instances)

    assert limit.hold(useful) or useful == limit.partitions < limit.least
    assert useful == limit.least or limit.fullest(useful - 1) > limit.fullest(useful)


@given(limits, st.floats(0, 300))
def test_the_number_does_the_work_or_is_the_most_of_use(limit: Limits, need: float) -> None:
    count = limit.count(need)

    assert limit.worth(count) >= need - 1e-6 or limit.fullest(count) == limit.fullest(
        min(limit.most, limit.partitions)
    )
