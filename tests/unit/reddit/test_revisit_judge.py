"""The judge of the crawler's visits sees one that came twice, too soon, or never."""

import pytest

from tests.acceptance.revisits import Course, Visit, WakeUp, require_each_once_at_its_time

DELAYS_S = (10.0, 20.0)
FIRST, SECOND = Visit(1, 100, 1), Visit(2, 111, 2)
WOKEN = WakeUp(asked_ms=110_040, said_ms=110_050)


def test_each_once_and_at_its_time_is_right() -> None:
    found = {"ann": Course([FIRST, SECOND], [WOKEN]), "bob": Course([FIRST], [])}

    assert require_each_once_at_its_time(found, DELAYS_S, until_s=105) == [10]


@pytest.mark.parametrize(
    "wrong",
    [
        Course([FIRST, SECOND, SECOND], [WOKEN]),
        Course([FIRST, SECOND], []),
        Course([FIRST, Visit(2, 105, 2)], [WOKEN]),
        Course([FIRST, SECOND], [WakeUp(109_000, 110_050)]),
        Course([FIRST, SECOND], [WakeUp(110_040, 110_000)]),
        Course([FIRST], []),
    ],
    ids=["twice", "not woken", "too soon", "set too soon", "told too soon", "never"],
)
def test_what_is_wrong_is_seen(wrong: Course) -> None:
    with pytest.raises(AssertionError):
        require_each_once_at_its_time({"ann": wrong}, DELAYS_S, until_s=120)
