"""The status of `catenae up` where there is no terminal: every notice, and a line every few seconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from catenae.running.local import NodeStatus, Status
from catenae.terminal import one_line

EVERY_S = 5.0


@contextmanager
def plain_status(stream: TextIO) -> Iterator[Callable[[Status], None]]:
    """Give a function that writes what is new in a status; the last status is written in any case."""
    lines = _Lines(stream)
    try:
        yield lines.show
    finally:
        lines.end()


class _Lines:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._noticed = 0
        self._line_at_s = 0.0
        self._unwritten: Status | None = None

    def show(self, status: Status) -> None:
        new = min(status.noticed - self._noticed, len(status.notices))
        self._noticed = status.noticed
        for notice in status.notices[len(status.notices) - new :]:
            self._write(notice)
        self._unwritten = status
        if status.elapsed_s >= self._line_at_s:
            self._line_at_s = status.elapsed_s + EVERY_S
            self.end()

    def end(self) -> None:
        status, self._unwritten = self._unwritten, None
        if status is not None:
            self._write(f"{status.elapsed_s:.0f} s  " + "  ".join(_summary(node) for node in status.nodes))

    def _write(self, line: str) -> None:
        self._stream.write(f"{one_line(line)}\n")
        self._stream.flush()


def _summary(node: NodeStatus) -> str:
    state = "finished" if node.is_finished else f"{node.running}/{node.wanted}"
    state += "" if node.progress is None else f" {node.progress:.1%}"
    if node.waits_for:
        state += " waits"
    rare = {
        "dead": node.dead_letters,
        "retries": node.retries,
        "restarts": node.restarts,
        "failures in a row": node.failures if node.failures > 1 else 0,
    }
    figures = [
        _moved("in", node.messages_in, node.in_per_s),
        _moved("out", node.messages_out, node.out_per_s),
    ]
    figures += [f"lag {node.lag:,}", *(f"{name} {number:,}" for name, number in rare.items() if number)]
    return f"{node.name} {state} {' '.join(figures)}"


def _moved(name: str, messages: int, per_s: float) -> str:
    return f"{name} {messages:,} ({per_s:,.0f}/s)" if per_s else f"{name} {messages:,}"
