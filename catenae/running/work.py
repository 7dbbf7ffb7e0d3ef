"""One instance as a process: what `catenae work` does, in a container or under `catenae up`."""

import gc
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from prometheus_client import ProcessCollector

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.clock import SystemClock
from catenae.config import Settings
from catenae.deployment.control_log import ControlLog
from catenae.deployment.data_folder import DataFolder
from catenae.deployment.ledger import Ledger
from catenae.errors import CatenaeError, ConfigError
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.observability.multiprocess import FOLDER_VARIABLE, Figures
from catenae.observability.obstacles import Obstacles
from catenae.observability.registries import Registries
from catenae.observability.server import MonitoringServer
from catenae.running.asked_instance import AskedInstance
from catenae.running.assembly import Place, Platform, assemble, assemble_chain
from catenae.running.injection import needs_documents, needs_store, options_from_text, state_parameters
from catenae.running.listener import Listener
from catenae.running.reporter import Reporter
from catenae.running.waiting import StoppedWaiting, Waiting
from catenae.runtime.gate import Gate, Gates
from catenae.runtime.run import Instance, Steps
from catenae.store import Documents, Store
from catenae.stores import check_store_url, open_documents, open_store
from catenae.topology.graph import Topology
from catenae.topology.loading import import_service
from catenae.topology.node import Node

logger = logging.getLogger(__name__)

Opened = TypeVar("Opened", Broker, Store, Documents)

# So often one that stays says that all is well with it.
STAYING_LOOK_S = 1.0
# What only the process that opened it can see.
_IN_MEMORY = ("embedded:", "sqlite:")


@dataclass(frozen=True, slots=True)
class Job:
    """Which instance a process is to be.

    nodes    one, or those of a chain in their order
    name     of the node, or of the chain
    slot     which of the instances: one that runs under the same name is replaced
    options  texts for each node's constructor, above its own options
    """

    topology: Topology
    nodes: Sequence[Node]
    name: str
    slot: str
    options: Mapping[str, Mapping[str, str]]

    @property
    def member(self) -> str:
        """The name of the process."""
        return f"{self.name}-{self.slot}"


def work(job: Job, settings: Settings, stop: threading.Event, *, stays: bool = False) -> None:
    """Run one instance until `stop` is set or its Source is exhausted; its batch is committed first.

    With `stays` it goes on being alive and ready when the Source is exhausted, until `stop` is set.

    Serves the probes and metrics meanwhile, unless the port is 0, and waits for servers that are away. Raises
    whatever ends the instance.
    """
    require_shared(settings)
    DataFolder(settings.data).require_format()
    collect_garbage_seldom()
    registries = Registries()
    metrics = _metrics(job, registries)
    clock = SystemClock()
    health = Health(clock, settings.progress_timeout_s, _teller(job.member))
    with ExitStack() as stack:
        if settings.http_port:
            stack.enter_context(MonitoringServer(health, registries, settings.http_port, settings.http_host))
        places = [_place(job, node, settings) for node in job.nodes]
        waiting = _waiting(stop, health)
        try:
            platform = _open(job, settings, waiting, stack)
            ledger = Ledger(job.topology, platform.broker, _store_of(platform, settings, stack), clock)
            states = {node.name: state_parameters(import_service(node.service)) for node in job.nodes}
            manifest = waiting.until_answered(lambda: ledger.take_over(states))
            places = [replace(each, former_groups=manifest.nodes[each.node.name].former) for each in places]
            gates = {node.name: Gate(clock.now_s) for node in job.nodes}
            assembled = _assembled(places, platform, metrics, health, waiting)
            instance = replace(assembled, gate=Gates(tuple(gates.values())))
            with closing_on_error(instance.loop):
                waiting.until_answered(ledger.confirm)
                listeners = [
                    _listener(each, gates[each.node.name], platform, health, metrics, registries)
                    for each in places
                ]
                for listener in listeners:
                    waiting.until_answered(listener.begin)
        except StoppedWaiting:
            return
        for node in job.nodes:
            arrived = partial(ledger.note_reached, node.name)
            of_node = metrics[node.name]
            group = job.topology.group(node)
            stack.enter_context(Reporter(node, group, platform, instance, of_node, registries, arrived))
        for listener in listeners:
            stack.enter_context(listener)
        instance.run(stop)
        while stays and not stop.wait(STAYING_LOOK_S):
            health.progressed()


def _metrics(job: Job, registries: Registries) -> dict[str, NodeMetrics]:
    """Return what each node counts with: in files where a supervisor adds up, or else in this process."""
    restore: Callable[[], None] = lambda: None  # noqa: E731  what does nothing
    if FOLDER_VARIABLE in os.environ:
        restore = Figures(job.member, Path(os.environ[FOLDER_VARIABLE])).restore
    else:
        ProcessCollector(registry=registries.new())
    return {
        node.name: NodeMetrics(job.topology.name, node.name, registries.new(), restore) for node in job.nodes
    }


def _place(job: Job, node: Node, settings: Settings) -> Place:
    texts = options_from_text(import_service(node.service), job.options.get(node.name, {}))
    options = placed({**node.options, **texts}, settings.data)
    return Place(job.topology, node, f"{node.name}-{job.slot}", options, settings.max_backlog_records)


def _assembled(
    places: Sequence[Place],
    platform: Platform,
    metrics: Mapping[str, NodeMetrics],
    health: Health,
    waiting: Waiting,
) -> Instance:
    if len(places) == 1:
        of_node = metrics[places[0].node.name]
        return assemble(places[0], platform, of_node, health, waiting.until_answered)
    return assemble_chain(places, platform, metrics, health, waiting.until_answered)


def _listener(
    place: Place,
    gate: Gate,
    platform: Platform,
    health: Health,
    metrics: Mapping[str, NodeMetrics],
    registries: Registries,
) -> Listener:
    """Return what hears what is asked of a node's instance on the control channel."""
    of_node = metrics[place.node.name]
    asked = AskedInstance(place.node, place.member, gate, health, of_node, registries, platform.clock)
    log = ControlLog(platform.broker, place.topology.name, platform.clock)
    return Listener(log, asked, platform.clock, gate.fail)


def placed(options: Mapping[str, Any], data: Path) -> dict[str, Any]:
    """Return options in which `{data}` stands for the data folder, as it does in URLs."""
    return {
        name: type(value)(str(value).replace("{data}", str(data))) if isinstance(value, str | Path) else value
        for name, value in options.items()
    }


def _teller(member: str) -> Callable[[str], None]:
    """Return what tells the supervisor, where there is one, what this process waits for."""
    if FOLDER_VARIABLE not in os.environ:
        return lambda _reason: None
    obstacles = Obstacles(Path(os.environ[FOLDER_VARIABLE]))
    obstacles.tell(member, "")
    return lambda reason: obstacles.tell(member, reason)


@contextmanager
def closing_on_error(loop: Steps) -> Iterator[None]:
    """Close a loop, so that its member leaves the group, if what is done with it raises."""
    try:
        yield
    except BaseException:
        loop.close()
        raise


def _waiting(stop: threading.Event, health: Health) -> Waiting:
    """Return what waits for servers: not ready meanwhile, and with a line in the log for each outage."""

    def tell(error: CatenaeError, is_first: bool) -> None:  # noqa: FBT001  so it is called
        health.waiting(str(error))
        if is_first:
            logger.warning(
                "waiting for a server", extra={"error": type(error).__name__, "reason": str(error)}
            )

    return Waiting(stop, tell)


def collect_garbage_seldom() -> None:
    """Look for reference cycles once per many batches instead of several times in each.

    A batch makes thousands of tuples that live until its commit. By default each 700 of them start a search
    among all objects that are young, which took a third of a fast node's time.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def require_shared(settings: Settings) -> None:
    """Raise `ConfigError` for a broker or store in memory, or a store's URL that names none.

    No two processes can share what is in memory.
    """
    check_store_url(settings.store)
    for name in ("broker", "store", "documents"):
        if getattr(settings, name) in _IN_MEMORY:
            raise ConfigError(
                f"--{name} is {getattr(settings, name)!r}, which lives in the memory of one process, but "
                f"every instance is a process. Give it a path, or leave the flag out"
            )


def _store_of(platform: Platform, settings: Settings, stack: ExitStack) -> Callable[[], Store]:
    """Return what opens the store of the settings, also for a node that keeps nothing in it now."""
    if platform.has_store:
        return lambda: platform.store
    return lambda: stack.enter_context(closing(open_store(settings.store)))


def _open(job: Job, settings: Settings, waiting: Waiting, stack: ExitStack) -> Platform:
    """Open what the services need; one that keeps nothing waits for no store's server."""
    services = [import_service(node.service) for node in job.nodes]

    def opened(open_it: Callable[[], Opened]) -> Opened:
        return stack.enter_context(closing(waiting.until_answered(open_it)))

    clock = SystemClock()
    replication = job.topology.replication
    broker = opened(lambda: open_broker(settings.broker, clock, settings.lease_s, replication))
    has_store = any(map(needs_store, services))
    store = opened(lambda: open_store(settings.store if has_store else "embedded:"))
    if not (any(map(needs_documents, services)) or any(node.personal for node in job.nodes)):
        return Platform(broker, store, None, clock, has_store=has_store)
    documents = opened(lambda: open_documents(settings.documents))
    return Platform(broker, store, documents, clock, has_store=has_store)
