"""How far long work has come, for people."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.markup import escape
from rich.progress import Progress as ProgressBar

from catenae.screen import Screen

Progress = Callable[[int, int], None]


def unseen(_done: int, _total: int) -> None:
    """Show nothing."""


@contextmanager
def bar(what: str) -> Iterator[Progress]:
    """Show how much is done on a terminal, and nothing elsewhere."""
    console = Screen(on_stderr=True)
    with ProgressBar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(escape(what), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
