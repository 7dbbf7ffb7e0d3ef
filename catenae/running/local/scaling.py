"""How many instances of each node are wanted: what people and an autoscaler ask of a running supervisor.

They meet in files of the data folder: the supervisor says what runs, `catenae scale` what a person wants, and
the autoscaler what it wants, each in one of its own. What a person wants counts, until it is released.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from catenae.deployment.data_folder import DataFolder
from catenae.errors import ConfigError
from catenae.suggestion import suggestion
from catenae.topology.chains import processes
from catenae.topology.graph import Topology

RUNNING = "running.json"
WANTED = "scale.json"
AUTOMATIC = "autoscale.json"


class Scaling:
    """The supervisor's side.

    chained    whether chains are made of the topology
    processes  the nodes of each process by its name
    """

    def __init__(self, folder: DataFolder, topology: Topology, *, chained: bool = True) -> None:
        self._folder = folder
        self._topology = topology
        self.processes = processes(topology.nodes, chained=chained)
        self._replicas: Mapping[str, int] = {}

    def begin(self, replicas: Mapping[str, int]) -> None:
        """Forget what was asked of an earlier supervisor; say what runs, and how many to begin with."""
        self._replicas = replicas
        self._folder.remove(WANTED)
        self._folder.remove(AUTOMATIC)
        running = {
            "topology": self._topology.name,
            "most": self._most(),
            "replicas": dict(replicas),
            "chains": self._chains(),
        }
        self._folder.write(RUNNING, running)

    def require(self, replicas: Mapping[str, int]) -> None:
        """Raise `ConfigError` unless each node exists and may have so many instances."""
        _require_replicas(self._topology.name, self._most(), self._chains(), replicas)

    def wanted(self) -> Mapping[str, int]:
        """Return how many of each node are wanted now."""
        return {**self._replicas, **_automatic(self._folder), **self._folder.read(WANTED)}

    def why(self, node: str) -> str:
        """Return why the autoscaler wants as many of a node; "" where a person does."""
        if node in self._folder.read(WANTED):
            return ""
        return str(self.told().get(node, {}).get("reason", ""))

    def told(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what the autoscaler says of each node: `replicas`, `reason`, `need`, `changes` so far."""
        return self._folder.read(AUTOMATIC)

    def end(self) -> None:
        """Say that nothing runs any more."""
        self._folder.remove(RUNNING)

    def _most(self) -> dict[str, int | None]:
        return {name: self._topology.most_instances(nodes[0]) for name, nodes in self.processes.items()}

    def _chains(self) -> dict[str, str]:
        """Return the chain of each node that runs in one."""
        return {node.name: name for name, nodes in self.processes.items() for node in nodes if len(nodes) > 1}


def request_scale(folder: DataFolder, replicas: Mapping[str, int | None]) -> None:
    """Ask the `catenae up` that runs on a folder for so many instances of some nodes; it follows in a moment.

    None releases a node: it has as many as the autoscaler wants, or else those it was started with.

    Raises `ConfigError` when none runs there, or it has no such node, or not as many partitions.
    """
    running = _running(folder)
    asked = {name: number or 0 for name, number in replicas.items()}
    _require_replicas(running["topology"], running["most"], running.get("chains", {}), asked)
    wanted = {**folder.read(WANTED), **replicas}
    folder.write(WANTED, {node: number for node, number in wanted.items() if number is not None})


class Standing(NamedTuple):
    """How many instances of each node are wanted, and of which nodes a person has said so."""

    wanted: Mapping[str, int]
    pinned: frozenset[str]


def standing(folder: DataFolder, topology: str) -> Standing:
    """Return how many of each node are wanted of the `catenae up` on a folder, and what a person pinned.

    Raises `ConfigError` when none runs there, or it runs another topology.
    """
    running, pinned = _running(folder), folder.read(WANTED)
    if running["topology"] != topology:
        raise ConfigError(
            f"topology {running['topology']!r} runs on data folder {str(folder.path)!r}, not {topology!r}; "
            f"name the other one's folder with --data"
        )
    wanted = {**running["replicas"], **_automatic(folder), **pinned}
    in_chains = {node: wanted[chain] for node, chain in running.get("chains", {}).items()}
    return Standing({**wanted, **in_chains}, frozenset(pinned))


def ask(folder: DataFolder, wanted: Mapping[str, tuple[int, str]], needs: Mapping[str, float]) -> None:
    """Ask as an autoscaler for so many instances of each node, and say why, and how many it needs.

    Of a node that a person has pinned, what was asked for before stays, for when it is released.
    """
    before, pinned, declared = folder.read(AUTOMATIC), folder.read(WANTED), _running(folder)["replicas"]
    told = {}
    for node, (replicas, reason) in wanted.items():
        former = {"replicas": declared[node], "changes": 0, **before.get(node, {})}
        asked = former["replicas"] if node in pinned else replicas
        changes = former["changes"] + (asked != former["replicas"])
        told[node] = {"replicas": asked, "changes": changes, "reason": reason, "need": needs.get(node)}
    folder.write(AUTOMATIC, told)


def _running(folder: DataFolder) -> Mapping[str, Any]:
    running = folder.read(RUNNING)
    if folder.user() is None or not running:
        raise ConfigError(
            f"nothing runs on data folder {str(folder.path)!r}; start it with `catenae up`, or name its "
            f"folder with --data"
        )
    return running


def _automatic(folder: DataFolder) -> Mapping[str, int]:
    told = folder.read(AUTOMATIC)
    return {node: each["replicas"] for node, each in told.items()}


def _require_replicas(
    topology: str, most: Mapping[str, int | None], chains: Mapping[str, str], replicas: Mapping[str, int]
) -> None:
    """Raise `ConfigError` unless each node exists and may have so many instances; `most` None is no bound."""
    for node, wanted in replicas.items():
        if node in chains:
            raise ConfigError(
                f"node {node!r} of topology {topology!r} runs in chain {chains[node]!r}; ask for "
                f"instances of that: {chains[node]}={wanted}"
            )
        if node not in most:
            raise ConfigError(f"topology {topology!r} has no node {node!r}; {suggestion(node, most)}")
        limit = most[node]
        if limit is not None and wanted > limit:
            raise ConfigError(
                f"node {node!r} was asked for {wanted} instances, but its topics have {limit} partitions, so "
                f"some would stand idle; ask for {limit} at most"
            )
