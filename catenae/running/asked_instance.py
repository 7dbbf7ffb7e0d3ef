"""What an instance does when it is asked on the control channel."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from prometheus_client.registry import Collector

from catenae.clock import Clock
from catenae.deployment.control_acts import (
    LONGEST_S,
    OF_SUPERVISOR,
    Act,
    Figures,
    LogLevel,
    Pause,
    Request,
    Resume,
    Stack,
)
from catenae.observability.health import Probes
from catenae.observability.metrics import NodeMetrics
from catenae.observability.multiprocess import NodeTotals, node_totals
from catenae.running.listener import Said
from catenae.runtime.gate import Gate, moment
from catenae.topology.node import Node

# So long the loop has to come to the gate, before the answer is that it will.
STANDS_WITHIN_S = 0.5
MOST_FRAMES = 40


class AskedInstance:
    """One instance. Thread-safe as `Gate`, for one listener."""

    def __init__(  # noqa: PLR0913, PLR0917  what there is of an instance to be asked
        self,
        node: Node,
        member: str,
        gate: Gate,
        health: Probes,
        metrics: NodeMetrics,
        registry: Collector,
        clock: Clock,
    ) -> None:
        self.node = node.name
        self.member = member
        # The name of a chain stands for its nodes.
        self._meant = {"", node.name, node.chain}
        self._is_server = node.is_server
        self._gate = gate
        self._health = health
        self._metrics = metrics
        self._registry = registry
        self._clock = clock
        self._own_level = logging.getLogger().level
        self._level_until_s = 0.0

    def is_meant(self, request: Request) -> bool:
        is_here = request.node in self._meant and request.instance in {"", self.member}
        return is_here and not isinstance(request.act, OF_SUPERVISOR)

    def carry_out(self, request: Request, *, is_past: bool) -> Said:
        act = request.act
        if isinstance(act, Pause | LogLevel) and not 0 <= act.for_s <= LONGEST_S:
            return Said(is_done=False, effect=f"not done: it is to last {LONGEST_S / 3600:g} h at most")
        until_s = request.at_ms / 1000 + getattr(act, "for_s", 0.0)
        if isinstance(act, Pause) and self._is_server:
            # Where all are asked it is none of those that are meant.
            return Said(is_done=not request.node, effect="goes on: it serves people, beside the flow")
        return self._does(act, until_s, wait_s=0.0 if is_past else STANDS_WITHIN_S)

    def refused(self, reason: str) -> None:
        self._metrics.control_refused(reason)

    def look(self) -> None:
        self._metrics.paused(is_paused=bool(self._gate.reason))
        if self._level_until_s and self._level_until_s <= self._clock.now_s():
            self._log_from(self._own_level, 0.0)

    def _does(self, act: Act, until_s: float, wait_s: float) -> Said:
        match act:
            case Pause():
                return self._pause(until_s, wait_s)
            case Resume():
                self._gate.open()
                return Said(is_done=True, effect="goes on")
            case LogLevel():
                return self._level(act, until_s)
            case Stack():
                return Said(is_done=True, effect=f"{threading.active_count()} threads", lines=stacks())
            case Figures():
                return self._figures()
            case _:
                return Said(is_done=False, effect="not done: of an instance nobody can ask this")

    def _pause(self, until_s: float, wait_s: float) -> Said:
        self._gate.close(until_s)
        stands = self._gate.is_stood_at(wait_s)
        effect = "paused" if stands else "pauses when its batch is done,"
        return Said(
            is_done=True, effect=f"{effect} until {moment(until_s)}", figures={"standing": int(stands)}
        )

    def _level(self, act: LogLevel, until_s: float) -> Said:
        if until_s <= self._clock.now_s():
            self._log_from(self._own_level, 0.0)
            return Said(is_done=True, effect=f"logs from {logging.getLevelName(self._own_level)} on, as set")
        self._log_from(logging.getLevelNamesMapping()[act.level], until_s)
        return Said(is_done=True, effect=f"logs from {act.level} on until {moment(until_s)}")

    def _log_from(self, level: int, until_s: float) -> None:
        self._level_until_s = until_s
        logging.getLogger().setLevel(level)

    def _figures(self) -> Said:
        totals = node_totals(self._registry.collect()).get(self.node, NodeTotals())
        return Said(
            is_done=True,
            effect=self._health.ready.reason,
            figures={
                "messages_in": totals.messages_in,
                "messages_out": totals.messages_out,
                "lag_records": totals.lag_records,
                "retries": totals.retries,
                "dead_letters": totals.dead_letters,
                "handler_s": round(totals.handler_s, 3),
                "commit_s": round(totals.commit_s, 3),
            },
        )


def stacks(frames: Callable[[], dict[int, FrameType]] = sys._current_frames) -> tuple[str, ...]:
    """Return where each thread of this process is: modules, lines and functions, and none of the values."""
    names = {each.ident: each.name for each in threading.enumerate()}
    lines: list[str] = []
    for ident, frame in sorted(frames().items(), key=lambda pair: names.get(pair[0], "")):
        lines.append(f"thread {names.get(ident, 'of a library')}")
        lines += [f"  {each}" for each in _places(frame)]
    return tuple(lines)


def _places(frame: FrameType | None) -> Iterator[str]:
    for _ in range(MOST_FRAMES):
        if frame is None:
            return
        yield f"{frame.f_globals.get('__name__', '?')}:{frame.f_lineno} {frame.f_code.co_qualname}"
        frame = frame.f_back
    yield "…"
