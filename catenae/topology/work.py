"""One instance as a process: what `catenae work` does, in a container or under `catenae up`."""

import gc
import os
import threading
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, ProcessCollector

from catenae.brokers import open_broker
from catenae.clock import SystemClock
from catenae.config import Settings
from catenae.errors import ConfigError
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.observability.multiprocess import FOLDER_VARIABLE, keep_figures_as
from catenae.observability.server import MonitoringServer
from catenae.stores import open_documents, open_store
from catenae.topology.assembly import Place, Platform, assemble
from catenae.topology.data_folder import DataFolder
from catenae.topology.graph import Topology
from catenae.topology.injection import options_from_text, parameters
from catenae.topology.loading import import_service
from catenae.topology.node import Node
from catenae.topology.reporter import Reporter

# What only the process that opened it can see.
_IN_MEMORY = ("embedded:", "sqlite:")


@dataclass(frozen=True, slots=True)
class Job:
    """Which instance a process is to be.

    member   its name in the group: one that runs under the same name is replaced
    options  texts for the service's constructor, above the node's own options
    """

    topology: Topology
    node: Node
    member: str
    options: Mapping[str, str]


def work(job: Job, settings: Settings, stop: threading.Event) -> None:
    """Run one instance until `stop` is set or its Source is exhausted; its batch is committed first.

    Serves the probes and metrics meanwhile, unless the port is 0. Raises whatever ends the instance.
    """
    require_shared(settings)
    DataFolder(settings.data).require_format()
    collect_garbage_seldom()
    service = import_service(job.node.service)
    options = {**job.node.options, **options_from_text(service, job.options)}
    place = Place(job.topology, job.node, job.member, options, settings.max_backlog_records)
    registry = CollectorRegistry()
    if FOLDER_VARIABLE in os.environ:
        keep_figures_as(job.member)
    else:
        ProcessCollector(registry=registry)
    metrics = NodeMetrics(job.topology.name, job.node.name, registry)
    with ExitStack() as stack:
        platform = _open(settings, {each.role for each in parameters(service)}, stack)
        health = Health(platform.clock, settings.progress_timeout_s)
        if settings.http_port:
            stack.enter_context(MonitoringServer(health, registry, settings.http_port, settings.http_host))
        platform.broker.create_topics(job.topology.topic_specs())
        instance = assemble(place, platform, metrics, health)
        reporter = stack.enter_context(Reporter(job.node, platform, instance, metrics, registry))
        instance.run(stop, reporter.stepped)


def collect_garbage_seldom() -> None:
    """Look for reference cycles once per many batches instead of several times in each.

    A batch makes thousands of tuples that live until its commit. By default each 700 of them start a search
    among all objects that are young, which took a third of a fast node's time.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def require_shared(settings: Settings) -> None:
    """Raise `ConfigError` for a broker or store in memory, which no two processes can share."""
    for name in ("broker", "store", "documents"):
        if getattr(settings, name) in _IN_MEMORY:
            raise ConfigError(
                f"--{name} is {getattr(settings, name)!r}, which lives in the memory of one process, but "
                f"every instance is a process. Give it a path, or leave the flag out"
            )


def _open(settings: Settings, roles: set[str], stack: ExitStack) -> Platform:
    """Open what a service of these roles needs; one that keeps nothing waits for no store's server."""
    clock = SystemClock()
    broker = stack.enter_context(closing(open_broker(settings.broker, clock, settings.lease_s)))
    needs_store = not roles.isdisjoint({"state", "store"})
    store = stack.enter_context(closing(open_store(settings.store if needs_store else "embedded:")))
    if "documents" not in roles:
        return Platform(broker, store, None, clock)
    documents = stack.enter_context(closing(open_documents(settings.documents)))
    return Platform(broker, store, documents, clock)
