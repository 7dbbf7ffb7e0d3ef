"""Where `catenae up` shows how things stand. It is for looking at: without it the work goes on."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from catenae.cli.complaint import complain
from catenae.cli.plain_status import plain_status
from catenae.edge import bring_out
from catenae.errors import OutputLost
from catenae.running.local import Status
from catenae.terminal import one_line


class Display:
    """A live table on a terminal, lines elsewhere; nothing any more once the standard output is lost."""

    def __init__(self, shown: AbstractContextManager[Callable[[Status], None]]) -> None:
        self._shown = shown
        self._stack = ExitStack()
        self._show: Callable[[Status], None] = lambda _status: None

    def open(self) -> None:
        """Begin to show."""
        with self._going_on():
            self._show = self._stack.enter_context(self._shown)

    def show(self, status: Status) -> None:
        """Show a status in place of the one before."""
        with self._going_on():
            self._show(status)

    def say(self, line: str) -> None:
        """Write a line above it."""
        with self._going_on():
            # Not by typer, which would write past the live table, into the middle of it.
            sys.stdout.write(f"{one_line(line)}\n")

    def close(self) -> None:
        """Leave what was shown last; `show` does nothing from then on."""
        self._show = lambda _status: None
        with self._going_on():
            self._stack.close()
            bring_out()

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        try:
            yield
        except OutputLost as error:
            self._show = lambda _status: None
            complain(f"{error}; the work goes on unseen")


@contextmanager
def displayed() -> Iterator[Display]:
    """Give a display that is open until the block ends."""
    display = Display(_for_this_output())
    display.open()
    try:
        yield display
    finally:
        display.close()


def _for_this_output() -> AbstractContextManager[Callable[[Status], None]]:
    if not sys.stdout.isatty():
        return plain_status(sys.stdout)
    # Only here: rich takes 40 ms and 8 MB, and `catenae work` comes past this module.
    from catenae.cli.live_table import live_table  # noqa: PLC0415

    return live_table()
