"""The supervisor of a topology on one machine: what `catenae up` runs."""

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import replace

from catenae.broker import Broker
from catenae.brokers import makes_chains, open_broker
from catenae.clock import Clock, SystemClock
from catenae.config import Settings
from catenae.deployment.control_log import ControlLog
from catenae.deployment.data_folder import DataFolder
from catenae.deployment.lag import lags
from catenae.deployment.ledger import Ledger
from catenae.deployment.places import note_places
from catenae.errors import CatenaeError, TransientError
from catenae.observability.health import Verdict
from catenae.observability.multiprocess import MetricsFolder, NodeTotals
from catenae.observability.obstacles import Obstacles
from catenae.observability.server import MonitoringServer
from catenae.running.listener import Listener
from catenae.running.local.asked_supervisor import AskedSupervisor
from catenae.running.local.caretaker import Caretaker
from catenae.running.local.crew import Crew
from catenae.running.local.failure import (
    NO_ROOM,
    WILL_NOT_HEAL,
    InstanceFailed,
    SourceGivenUp,
    failure,
)
from catenae.running.local.figures import SupervisedFigures
from catenae.running.local.ghosts import GONE_AFTER_S, Ghosts
from catenae.running.local.lag_watch import LagWatch
from catenae.running.local.launch import Launcher, Options
from catenae.running.local.notices import Notices
from catenae.running.local.scaling import Scaling
from catenae.running.local.slot import Process, Slot
from catenae.running.local.status import Rate, Rates, Status
from catenae.running.local.unused_pages import empty_unused_pages
from catenae.running.waiting import StoppedWaiting, Waiting
from catenae.running.work import require_shared
from catenae.store import Store
from catenae.stores import open_store
from catenae.topology.loading import load_topology

STEP_S = 0.05
LOOK_EVERY_S = 0.5
# For so long the lag of before is shown, and the broker not called slow.
SLOW_AFTER_S = 5.0
SLOW = "the broker is slow to say how far the nodes are"
# How long instances may take to finish their batch before they are killed.
GRACE_S = 10.0
# Where the work is to end, an instance that fails so often in a row would keep it from ending.
MOST_FAILURES = 8


class Supervisor:
    """Runs every node of a topology as processes of this machine, those of a chain in one.

    reference  what `load_topology` takes: "topologies/name.py"
    replicas   node or chain → instances, where the topology's own number is not wanted
    options    node → option → text, above what the topology declares
    """

    def __init__(
        self,
        reference: str,
        settings: Settings,
        replicas: Mapping[str, int] | None = None,
        options: Options | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Load the topology; raise `TopologyError` or `ConfigError` for what cannot be run."""
        require_shared(settings)
        self._topology = load_topology(reference)
        self._settings = settings
        self._clock = clock or SystemClock()
        self._folder = DataFolder(settings.data)
        self._scaling = Scaling(self._folder, self._topology, chained=makes_chains(settings.broker))
        self._launcher = Launcher(reference, settings, options or {})
        for node in options or {}:
            self._topology.node(node)
        declared = {name: nodes[0].replicas for name, nodes in self._scaling.processes.items()}
        self._replicas: Mapping[str, int] = {**declared, **(replicas or {})}
        self._scaling.require(self._replicas)
        self._crews: list[Crew] = []
        self._rates = Rates()
        self._notices = Notices()
        self._obstacles = Obstacles(self._folder.metrics)
        # What keeps this process itself from looking, and the lag it last saw.
        self._obstacle = ""
        self._lag: Mapping[str, int] = {}
        self._started_at_s = self._looked_at_s = self._clock.monotonic_s()
        self._answered_at_s = self._started_at_s
        self._status = Status(self._topology.name, 0.0, ())

    def check(self) -> None:
        """Raise `TopologyError` unless the topology, as its files are now, passes `catenae check`."""
        self._launcher.check()

    def status(self) -> Status:
        """Return how things stood half a second ago at most. Thread-safe."""
        return self._status

    @property
    def live(self) -> Verdict:
        """Say that the supervisor itself runs; for `/live`."""
        return Verdict(is_ok=True, reason="running")

    @property
    def ready(self) -> Verdict:
        """Say whether every node gets on with its work; for `/ready`."""
        if self._obstacle:
            return Verdict(is_ok=False, reason=self._obstacle)
        waiting = [node.standing for node in self._status.nodes if not node.is_ready]
        if waiting or not self._status.nodes:
            return Verdict(is_ok=False, reason=f"waiting for {', '.join(waiting) or 'the first look'}")
        return Verdict(is_ok=True, reason="progressing")

    @property
    def _is_serving(self) -> bool:
        servers = {crew.name for crew in self._crews if crew.is_server}
        return all(node.is_ready for node in self._status.nodes if node.name in servers)

    def run(  # noqa: PLR0913  what is to be known of a run while it lasts
        self,
        *,
        until_drained: bool = False,
        on_drained: Callable[[], None] | None = None,
        fresh: bool = False,
        on_start: Callable[[], None] = lambda: None,
        on_wait: Callable[[str], None] = lambda _reason: None,
        on_tick: Callable[[Status], None] = lambda _status: None,
        stop: threading.Event | None = None,
    ) -> None:
        """Run until `stop` is set, or, if asked, until every Source is exhausted and nothing waits any more.

        A Server is waited for only until it serves.

        fresh       first removes what earlier runs have left in the data folder
        on_drained  is called when it is drained, in place of ending: Servers are there to be used
        on_start    is called once nothing stands in the way of the first process
        on_wait     is called with the reason when the broker is away at the start: it is waited for
        on_tick     is called about twice a second with the status

        No process is left when it returns or raises. Raises `TopologyError` for a topology that does not pass
        `catenae check`, `DataFolderError` for a folder that cannot be used, `InstanceFailed` when an instance
        of a node that has never got on ends in a way that would not heal, and `SourceGivenUp` when the end
        that was asked for will not come. Whatever happens to a node that has got on before is waited for: an
        operator may mend it meanwhile, and the other nodes go on.
        """
        stop = stop or threading.Event()
        self.check()
        with ExitStack() as stack:
            lock = stack.enter_context(self._folder.lock())
            if fresh:
                self._folder.clear()
            empty_unused_pages(self._topology, self._settings)
            note_places(self._folder, self._topology.name, self._settings)
            metrics = self._begin(stack)
            broker = stack.enter_context(
                closing(
                    open_broker(
                        self._settings.broker,
                        self._clock,
                        self._settings.lease_s,
                        self._topology.replication,
                    )
                )
            )
            try:
                caretaker = self._take_over(broker, stop, on_wait, stack)
            except StoppedWaiting:
                return
            self._crews = [
                Crew(name, nodes, self._replicas[name], self._starter(name), self._clock)
                for name, nodes in self._scaling.processes.items()
            ]
            stack.callback(self._stop_all, metrics)
            on_start()
            watch = stack.enter_context(closing(LagWatch(lambda: lags(broker, self._topology))))

            ghosts = Ghosts(broker, self._clock, self._notices.add)
            listener = stack.enter_context(self._listener(broker))

            def tick(status: Status) -> None:
                lock.check()
                listener.check()
                caretaker.look()
                ghosts.look(self._ended())
                on_tick(status)

            is_over = self._look_until(stop, watch, metrics, tick, until_drained=until_drained)
            if is_over and on_drained is not None:
                on_drained()
                self._look_until(stop, watch, metrics, tick, until_drained=False)

    def _begin(self, stack: ExitStack) -> MetricsFolder:
        self._folder.tighten()
        with self._folder.explaining():
            self._launcher.logs.begin()
            metrics = MetricsFolder(self._folder.metrics)
            metrics.clear()
            self._obstacles.clear()
        self._scaling.begin(self._replicas)
        stack.callback(self._scaling.end)
        if self._settings.http_port:
            figures = SupervisedFigures(metrics, self.status, self._scaling.told)
            server = MonitoringServer(self, figures, self._settings.http_port, self._settings.http_host)
            stack.enter_context(server)
        return metrics

    def _take_over(
        self, broker: Broker, stop: threading.Event, on_wait: Callable[[str], None], stack: ExitStack
    ) -> Caretaker:
        def tell(error: CatenaeError, is_first: bool) -> None:  # noqa: FBT001  so it is called
            self._obstacle = str(error)
            if is_first:
                on_wait(str(error))

        def store() -> Store:
            return stack.enter_context(closing(open_store(self._settings.store)))

        caretaker = Caretaker(Ledger(self._topology, broker, store, self._clock), broker, self._clock)
        Waiting(stop, tell).until_answered(caretaker.begin)
        self._obstacle = ""
        return caretaker

    def _listener(self, broker: Broker) -> Listener:
        """Return what takes requests for other numbers of instances, from now on."""
        asked = AskedSupervisor(self._folder, self._topology.name)
        listener = Listener(ControlLog(broker, self._topology.name, self._clock), asked, self._clock)
        # Of a broker that is away all is heard once it is back: nobody can ask it anything before.
        with suppress(TransientError):
            listener.begin()
        return listener

    def _ended(self) -> dict[str, list[str]]:
        """Return by group the instances that have ended long ago."""
        return {
            self._topology.group(node): crew.ended(node, GONE_AFTER_S)
            for crew in self._crews
            for node in crew.nodes
        }

    def _starter(self, name: str) -> Callable[[int], Process]:
        return lambda slot: self._launcher.start(name, slot)

    def _look_until(
        self,
        stop: threading.Event,
        watch: LagWatch,
        metrics: MetricsFolder,
        on_tick: Callable[[Status], None],
        *,
        until_drained: bool,
    ) -> bool:
        """Return whether it is drained, where that was to be waited for."""
        while not stop.is_set():
            self._follow_scaling()
            self._step(metrics, until_drained=until_drained)
            now_s = self._clock.monotonic_s()
            if now_s - self._looked_at_s >= LOOK_EVERY_S:
                self._looked_at_s = now_s
                self._launcher.logs.bound()
                is_drained = self._look(watch, metrics)
                on_tick(self._status)
                if until_drained and is_drained and self._is_serving:
                    return True
            stop.wait(STEP_S)
        return False

    def _follow_scaling(self) -> None:
        wanted = self._scaling.wanted()
        for crew in self._crews:
            replicas = wanted.get(crew.name, crew.wanted)
            if replicas != crew.wanted:
                why = self._scaling.why(crew.name)
                self._notices.add(
                    f"{crew.name} goes from {crew.wanted} to {replicas} instances{why and f': {why}'}"
                )
                crew.scale(replicas)

    def _step(self, metrics: MetricsFolder, *, until_drained: bool) -> None:
        """Start what is due; look after what has ended. Raises `InstanceFailed`."""
        for crew in self._crews:
            for slot, status in crew.step():
                metrics.forget(slot.member)
                self._obstacles.tell(slot.member, "")
                if status != 0:
                    self._failed(crew, slot, status, until_drained=until_drained)

    def _failed(self, crew: Crew, slot: Slot, status: int, *, until_drained: bool) -> None:
        """Tell of an instance that has failed; raise `InstanceFailed` if there is no use in going on."""
        logs = self._launcher.logs
        log = str(logs.path(slot.member))
        slot.complaint = logs.complaint(slot.member)
        if status == NO_ROOM:
            slot.complaint = self._no_room()
        if status == WILL_NOT_HEAL and not crew.has_worked:
            raise InstanceFailed(slot.member, slot.complaint, log)
        if until_drained and slot.failures >= MOST_FAILURES:
            again = f"{slot.complaint}; {slot.failures} times in a row"
            if crew.is_source:
                raise SourceGivenUp(slot.member, again, log)
            if status == WILL_NOT_HEAL:
                raise InstanceFailed(slot.member, again, log)
        self._notices.add(failure(slot, status, log))

    def _look(self, watch: LagWatch, metrics: MetricsFolder) -> bool:
        """Take a new status; return whether every Source is exhausted and nothing waits any more."""
        # Before the lag is asked for: what a Source wrote last is then part of it.
        are_finished = all(crew.is_finished for crew in self._crews if crew.is_source)
        totals = metrics.totals()
        for crew in self._crews:
            crew.has_worked |= any(
                totals.get(node.name, NodeTotals()).ready_instances > 0 for node in crew.nodes
            )
        is_drained = self._look_at_lag(watch, are_finished=are_finished)
        self._notices.waits("up", self._no_room() if self._folder.is_full else self._obstacle)
        now_s = self._clock.monotonic_s()
        rates = self._rates.look(now_s, totals)
        for crew in self._crews:
            self._notices.waits(crew.name, crew.waits_for(self._obstacles.of))
        self._status = Status(
            self._topology.name,
            now_s - self._started_at_s,
            tuple(
                crew.status(
                    node,
                    totals.get(node.name, NodeTotals()),
                    rates.get(node.name, Rate()),
                    self._lag.get(node.name, 0),
                    self._said_by,
                )
                for crew in self._crews
                for node in crew.nodes
            ),
            self._notices.texts,
            self._notices.count,
        )
        return is_drained

    def _look_at_lag(self, watch: LagWatch, *, are_finished: bool) -> bool:
        """Take the lag, or what keeps from seeing it; return whether all is exhausted and nothing waits."""
        now_s = self._clock.monotonic_s()
        try:
            answer = watch.look(are_finished=are_finished)
        except CatenaeError as error:
            # Whatever it is, nodes may get on: a topic that is gone, or may not be read, is one of many.
            self._obstacle, self._answered_at_s = str(error), now_s
            return False
        if answer is None:
            if now_s - self._answered_at_s > SLOW_AFTER_S:
                self._obstacle = self._obstacle or SLOW
            return False
        self._obstacle, self._answered_at_s = "", now_s
        waiting = {node.name: 0 for node in self._topology.nodes}
        for each in answer.lags:
            waiting[each.node] += each.records
        self._lag = waiting
        return answer.are_finished and not any(waiting.values())

    def _said_by(self, member: str) -> str:
        """Return what an instance waits for; where the disk is full it cannot say so itself."""
        return self._obstacles.of(member) or (self._no_room() if self._folder.is_full else "")

    def _no_room(self) -> str:
        return f"the disk of {self._settings.data} is full; make room"

    def _stop_all(self, metrics: MetricsFolder) -> None:
        for crew in self._crews:
            crew.stop()
        until_s = self._clock.monotonic_s() + GRACE_S
        while any(crew.running for crew in self._crews) and self._clock.monotonic_s() < until_s:
            self._clock.sleep(STEP_S)
            for crew in self._crews:
                for slot, _ in crew.step():
                    metrics.forget(slot.member)
        for crew in self._crews:
            if crew.running:
                self._notices.add(f"{crew.name} did not stop within {GRACE_S:g} s and was killed")
                crew.kill()
        self._status = replace(self._status, notices=self._notices.texts, noticed=self._notices.count)
