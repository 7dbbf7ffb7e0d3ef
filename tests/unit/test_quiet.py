"""The pauses of one that waits for what nobody tells of."""

from catenae.quiet import Quiet
from catenae.testing import FakeClock


def test_pauses_grow_while_nothing_comes_and_are_short_again_once_something_has() -> None:
    clock = FakeClock()
    quiet = Quiet(clock)
    soon = [quiet.pause_s() for _ in range(5)]
    clock.advance(1.0)
    later = quiet.pause_s()
    clock.advance(60.0)
    longest = quiet.pause_s()
    quiet.ends()
    quiet.begins()

    assert soon == [0.001, 0.002, 0.004, 0.005, 0.005]
    assert (later, longest) == (0.02, 0.025)
    assert quiet.pause_s() == 0.001
