"""The autoscaler of a `catenae up`, in it or beside it: they meet in files of the data folder."""

import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, nullcontext
from types import TracebackType
from typing import Self

from catenae.brokers import open_broker
from catenae.clock import Clock, SystemClock
from catenae.config import Settings
from catenae.deployment.data_folder import DataFolder
from catenae.errors import CatenaeError, ConfigError
from catenae.observability.multiprocess import MetricsFolder
from catenae.observability.obstacles import Obstacles
from catenae.running.local.scaling import Standing, ask, standing
from catenae.scaling.controller import Controller, Tell, limits_of
from catenae.scaling.history import History
from catenae.scaling.looking import Looks
from catenae.scaling.memory import Memory
from catenae.scaling.need import Need
from catenae.scaling.rule import Decision
from catenae.topology.graph import Topology

logger = logging.getLogger(__name__)

TRIES_AGAIN_AFTER_S = 5.0
# One that waits for a broker which is away holds up nobody who stops.
ENDS_WITHIN_S = 1.0


class LocalRealiser:
    """Has a supervisor do it."""

    def __init__(self, folder: DataFolder, memory: Memory) -> None:
        self._folder = folder
        self._memory = memory

    def realise(self, history: History, decisions: Sequence[Decision], asked: Mapping[str, Need]) -> None:
        self._memory.keep(history)
        ask(
            self._folder,
            {each.node: (each.replicas, each.reason) for each in decisions},
            {node: need.instances for node, need in asked.items()},
        )


class Onlooker:
    """Changes nothing."""

    def realise(
        self,
        history: History,  # noqa: ARG002
        decisions: Sequence[Decision],  # noqa: ARG002
        asked: Mapping[str, Need],  # noqa: ARG002
    ) -> None:
        return


def autoscale(
    topology: Topology,
    settings: Settings,
    stop: threading.Event,
    tell: Tell,
    *,
    is_dry: bool = False,
    clock: Clock | None = None,
) -> None:
    """Scale a topology that a `catenae up` runs, until `stop` is set.

    is_dry  only decide, and tell

    Raises `ConfigError` where no node may be scaled, or another autoscaler acts. That `up` may end and begin
    again meanwhile: nothing is changed while it does not run.
    """
    clock = clock or SystemClock()
    require_scale(topology)
    folder = DataFolder(settings.data)
    memory, obstacles = Memory(folder), Obstacles(folder.metrics)
    with ExitStack() as stack:
        stack.enter_context(nullcontext() if is_dry else memory.alone())
        broker = stack.enter_context(closing(open_broker(settings.broker, clock, settings.lease_s)))

        def waits_for(node: str, instances: int) -> str:
            return next(filter(None, (obstacles.of(f"{node}-{slot}") for slot in range(instances))), "")

        def stands() -> Standing:
            return standing(folder, topology.name)

        looks = Looks(topology, broker, clock, MetricsFolder(folder.metrics).collect, stands, waits_for)
        realiser = Onlooker() if is_dry else LocalRealiser(folder, memory)
        history = memory.recall() if not is_dry else History()
        Controller(topology, looks.look, realiser, history, clock, tell).run(stop)


class Autoscaling:
    """The same in a thread of its own, while a block lasts, for a `catenae up` that does it by itself.

    Where another autoscaler acts, it stands by.
    """

    def __init__(self, topology: Topology, settings: Settings) -> None:
        self._topology = topology
        self._settings = settings
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="autoscaler", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join(ENDS_WITHIN_S)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                autoscale(self._topology, self._settings, self._closing, lambda _figures, _decisions: None)
            except CatenaeError as error:
                logger.warning("autoscaler waits", extra={"reason": str(error)})
                self._closing.wait(TRIES_AGAIN_AFTER_S)


def require_scale(topology: Topology) -> None:
    """Raise `ConfigError` unless some node may be scaled."""
    if not limits_of(topology):
        raise ConfigError(
            f"no node of topology {topology.name!r} may be scaled; give one Node(..., scale=Scale(most=4))"
        )
