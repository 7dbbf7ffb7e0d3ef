"""Without anybody who looks, the work goes on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from catenae.cli.display import Display
from catenae.errors import OutputLost
from catenae.running.local import Status

STATUS = Status("words", 1.0, ())


class Lost:
    """Shows so many statuses, and then the output is lost."""

    def __init__(self, shown: int) -> None:
        self.left = shown

    def show(self, status: Status) -> None:
        self.left -= 1
        if self.left < 0:
            raise OutputLost("No space left on device", is_unread=False)

    @contextmanager
    def shown(self) -> Iterator[Callable[[Status], None]]:
        try:
            yield self.show
        finally:
            self.show(STATUS)


def test_an_output_that_is_lost_is_told_once_and_the_work_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    lost = Lost(shown=1)
    display = Display(lost.shown())
    display.open()
    for _ in range(3):
        display.show(STATUS)
    assert lost.left == -1

    display.close()
    assert "; the work goes on unseen\n" in capsys.readouterr().err


def test_an_output_that_is_lost_at_the_end_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    display = Display(Lost(shown=0).shown())
    display.open()
    display.close()

    assert "unseen" in capsys.readouterr().err
