"""The status of `catenae up` on a terminal: a table that changes in place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from catenae.topology.local import NodeStatus, Status

_HEADINGS = ("node", "replicas", "in/s", "out/s", "in", "out", "lag", "ms/msg", "retries", "dead", "restarts")


@contextmanager
def live_table(console: Console | None = None) -> Iterator[Callable[[Status], None]]:
    """Give a function that shows a status in place of the one before; the last one stays."""
    with Live(Text("starting"), console=console, auto_refresh=False) as live:
        yield lambda status: live.update(rendered(status), refresh=True)


def rendered(status: Status) -> Group:
    """Return the table, and the notices under it."""
    table = Table(
        title=f"{status.topology}  {_duration(status.elapsed_s)}  (Ctrl-C stops)",
        title_justify="left",
        box=None,
    )
    for heading in _HEADINGS:
        table.add_column(heading, justify="left" if heading == "node" else "right", no_wrap=True)
    for node in status.nodes:
        table.add_row(*_cells(node))
    table.add_section()
    table.add_row(*_total(status.nodes), style="bold")
    notices = [Text(f"  {notice}", style="yellow") for notice in status.notices]
    return Group(table, *notices)


def _cells(node: NodeStatus) -> tuple[str | Text, ...]:
    is_short = node.running < node.wanted and not node.is_finished
    replicas = "finished" if node.is_finished else f"{node.running}/{node.wanted}"
    return (
        node.name,
        Text(replicas, style="red" if is_short else ""),
        f"{node.in_per_s:,.0f}",
        f"{node.out_per_s:,.0f}",
        f"{node.messages_in:,}",
        f"{node.messages_out:,}",
        f"{node.lag:,}",
        "" if node.handler_ms is None else f"{node.handler_ms:.3g}",
        _bad(node.retries, "yellow"),
        _bad(node.dead_letters, "red"),
        _bad(node.restarts, "yellow"),
    )


def _total(nodes: tuple[NodeStatus, ...]) -> tuple[str, ...]:
    return (
        "total",
        f"{sum(node.running for node in nodes)}/{sum(node.wanted for node in nodes)}",
        f"{sum(node.in_per_s for node in nodes):,.0f}",
        f"{sum(node.out_per_s for node in nodes):,.0f}",
        f"{sum(node.messages_in for node in nodes):,}",
        f"{sum(node.messages_out for node in nodes):,}",
        f"{sum(node.lag for node in nodes):,}",
        "",
        f"{sum(node.retries for node in nodes):,}",
        f"{sum(node.dead_letters for node in nodes):,}",
        f"{sum(node.restarts for node in nodes):,}",
    )


def _bad(number: int, style: str) -> Text:
    return Text(f"{number:,}", style=style if number else "")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
