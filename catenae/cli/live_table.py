"""The status of `catenae up` on a terminal: a table that changes in place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, ConsoleDimensions, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from catenae.running.local import NodeStatus, Status
from catenae.screen import Screen

_HEADINGS = ("node", "replicas", "in/s", "out/s", "in", "out", "lag", "dead", "ms/msg", "retries", "restarts")
# How many of them fit on a terminal of fewer than WIDE columns.
_MOST_TELLING = 8
WIDE = 100
# Title, headings, total, and the line on which the cursor waits.
_LINES_BESIDES = 4


@contextmanager
def live_table(console: Console | None = None) -> Iterator[Callable[[Status], None]]:
    """Give a function that shows a status in place of the one before; the last one stays."""
    with Live(Text("starting"), console=console or Screen(), auto_refresh=False) as live:
        yield lambda status: live.update(rendered(status, live.console.size), refresh=True)


def rendered(status: Status, size: ConsoleDimensions) -> Group:
    """Return table, bars and notices so that they fit: the total stays, and so do all digits."""
    notices = [Text(f"  {notice}", style="yellow") for notice in status.notices]
    bars = [_bar(node.name, node.progress) for node in status.nodes if node.progress is not None]
    room = size.height - _LINES_BESIDES - len(bars) - sum(1 + len(each) // size.width for each in notices)
    shown = status.nodes if len(status.nodes) <= room else status.nodes[: max(0, room - 1)]
    table = Table(
        title=f"{status.topology}  {_duration(status.elapsed_s)}  (Ctrl-C stops)",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    name, *figures = _HEADINGS[: None if size.width >= WIDE else _MOST_TELLING]
    # Where the width is short, it is taken from the column that may wrap, and that is not wrapped but cut.
    table.add_column(name, overflow="ellipsis")
    for heading in figures:
        table.add_column(heading, justify="right", no_wrap=True)
    for node in shown:
        table.add_row(*_cells(node)[: len(table.columns)])
    if len(shown) < len(status.nodes):
        table.add_row(f"+{len(status.nodes) - len(shown)}")
    table.add_row(*_total(status.nodes)[: len(table.columns)], style="bold")
    return Group(table, *bars, *notices)


def _bar(name: str, progress: float) -> Table:
    """Return a line that shows how far a Source has come."""
    line = Table.grid(padding=(0, 1))
    line.add_row(f"  {name}", ProgressBar(total=1.0, completed=progress, width=40), f"{progress:.1%}")
    return line


def _cells(node: NodeStatus) -> tuple[str | Text, ...]:
    return (
        node.name,
        _replicas(node),
        f"{node.in_per_s:,.0f}",
        f"{node.out_per_s:,.0f}",
        f"{node.messages_in:,}",
        f"{node.messages_out:,}",
        f"{node.lag:,}",
        _bad(node.dead_letters, "red"),
        "" if node.handler_ms is None else f"{node.handler_ms:.3g}",
        _bad(node.retries, "yellow"),
        _bad(node.restarts, "yellow"),
    )


def _replicas(node: NodeStatus) -> Text:
    """Return how many there are, and what keeps them from their work: on every terminal, however narrow."""
    if node.is_finished:
        return Text("finished")
    shown = f"{node.running}/{node.wanted}"
    if node.failures > 1:
        return Text(f"{shown} failed {node.failures}x", style="red")
    if node.waits_for:
        return Text(f"{shown} waits", style="yellow")
    return Text(shown, style="red" if node.running < node.wanted else "")


def _total(nodes: tuple[NodeStatus, ...]) -> tuple[str, ...]:
    return (
        "total",
        f"{sum(node.running for node in nodes)}/{sum(node.wanted for node in nodes)}",
        f"{sum(node.in_per_s for node in nodes):,.0f}",
        f"{sum(node.out_per_s for node in nodes):,.0f}",
        f"{sum(node.messages_in for node in nodes):,}",
        f"{sum(node.messages_out for node in nodes):,}",
        f"{sum(node.lag for node in nodes):,}",
        f"{sum(node.dead_letters for node in nodes):,}",
        "",
        f"{sum(node.retries for node in nodes):,}",
        f"{sum(node.restarts for node in nodes):,}",
    )


def _bad(number: int, style: str) -> Text:
    return Text(f"{number:,}", style=style if number else "")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
