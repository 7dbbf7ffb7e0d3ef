"""The slots of one node, or of one chain: as many as are wanted."""

from collections.abc import Callable, Iterator, Sequence

from catenae.clock import Clock
from catenae.observability.multiprocess import NodeTotals
from catenae.running.local.slot import Process, Slot, SlotState
from catenae.running.local.status import NodeStatus, Rate
from catenae.topology.node import Node


class Crew:
    """Starts, scales and stops the instances of a node, or those of a chain's nodes, in one process each.

    has_worked  whether an instance has got on with its work: what ends one after that may be mended meanwhile
    start       starts the process of a slot, by its number
    """

    def __init__(
        self,
        name: str,
        nodes: Sequence[Node],
        wanted: int,
        start: Callable[[int], Process],
        clock: Clock,
    ) -> None:
        self.name = name
        self.nodes = nodes
        self.wanted = 0
        self.has_worked = False
        self._start = start
        self._clock = clock
        self._slots: list[Slot] = []
        self.scale(wanted)

    @property
    def running(self) -> int:
        """How many processes there are."""
        return sum(slot.pid is not None for slot in self._slots)

    @property
    def restarts(self) -> int:
        """How often a process was started because the one before it had failed."""
        return sum(slot.restarts for slot in self._slots)

    @property
    def failing(self) -> int:
        """How often in a row one of the wanted instances has failed of late."""
        return max((slot.failing for slot in self._slots[: self.wanted]), default=0)

    @property
    def is_finished(self) -> bool:
        """Whether a Source is exhausted, in every slot that is wanted."""
        return self.wanted > 0 and self.unfinished == 0

    @property
    def unfinished(self) -> int:
        """How many of the wanted slots have work to do."""
        return sum(slot.state is not SlotState.FINISHED for slot in self._slots[: self.wanted])

    @property
    def is_server(self) -> bool:
        """Whether it is there to be asked, beside the flow."""
        return self.nodes[0].is_server

    @property
    def is_source(self) -> bool:
        """Whether it reads nothing, and so may be exhausted."""
        return self.nodes[0].is_source

    def ended(self, node: Node, since_s: float) -> list[str]:
        """Return the members of a node that were told to stop, and ended so many seconds ago at least."""
        return [f"{node.name}-{n}" for n, slot in enumerate(self._slots) if slot.gone_s >= since_s]

    @property
    def complaint(self) -> str:
        """Why an instance has failed that is to be started again; "" if there is none."""
        wanted = self._slots[: self.wanted]
        return next((slot.complaint for slot in wanted if slot.pid is None and slot.failures), "")

    def waits_for(self, said_by: Callable[[str], str]) -> str:
        """Return what an instance waits for, as it says itself by its member's name; "" if none does."""
        running = (slot.member for slot in self._slots[: self.wanted] if slot.pid is not None)
        return next(filter(None, map(said_by, running)), "")

    def status(
        self, node: Node, totals: NodeTotals, rate: Rate, lag: int, said_by: Callable[[str], str]
    ) -> NodeStatus:
        """Return how one of the nodes stands; `said_by` as in `waits_for`."""
        return NodeStatus(
            name=node.name,
            running=self.running,
            wanted=self.wanted,
            is_finished=self.is_finished,
            is_ready=totals.ready_instances >= self.unfinished,
            in_per_s=rate.in_per_s,
            out_per_s=rate.out_per_s,
            messages_in=totals.messages_in,
            messages_out=totals.messages_out,
            progress=None if self.is_finished else totals.progress,
            lag=lag,
            handler_ms=rate.handler_ms,
            restarts=self.restarts,
            retries=totals.retries,
            dead_letters=totals.dead_letters,
            failures=self.failing,
            waits_for=self.complaint or self.waits_for(said_by),
        )

    def scale(self, wanted: int) -> None:
        """Have so many instances from the next step on; the last ones stop first."""
        self.wanted = wanted
        for number in range(len(self._slots), wanted):
            self._slots.append(self._slot(number))
        for slot in self._slots[:wanted]:
            slot.resume()
        for slot in self._slots[wanted:]:
            slot.stop()

    def step(self) -> Iterator[tuple[Slot, int]]:
        """Start what is due, and yield each slot whose process has ended, with the exit status."""
        for slot in self._slots:
            status = slot.step()
            if status is not None:
                yield slot, status

    def stop(self) -> None:
        """Tell every process to end after its batch."""
        for slot in self._slots:
            slot.stop()

    def kill(self) -> None:
        """End every process at once."""
        for slot in self._slots:
            slot.kill()

    def _slot(self, number: int) -> Slot:
        def start() -> Process:
            return self._start(number)

        return Slot(f"{self.name}-{number}", start, self._clock, may_finish=self.is_source)
