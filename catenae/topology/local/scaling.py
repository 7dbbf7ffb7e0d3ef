"""How many instances of each node are wanted: what `catenae scale` asks of a running supervisor.

They meet in two files of the data folder: the supervisor says what runs, the command says what is wanted.
"""

from collections.abc import Mapping

from catenae.errors import ConfigError
from catenae.suggestion import suggestion
from catenae.topology.data_folder import DataFolder
from catenae.topology.graph import Topology

RUNNING = "running.json"
WANTED = "scale.json"


class Scaling:
    """The supervisor's side."""

    def __init__(self, folder: DataFolder, topology: Topology) -> None:
        self._folder = folder
        self._topology = topology

    def begin(self) -> None:
        """Forget what was asked of an earlier supervisor, and say what runs."""
        self._folder.remove(WANTED)
        self._folder.write(RUNNING, {"topology": self._topology.name, "most": self._most()})

    def require(self, replicas: Mapping[str, int]) -> None:
        """Raise `ConfigError` unless each node exists and may have so many instances."""
        require_replicas(self._topology.name, self._most(), replicas)

    def wanted(self) -> Mapping[str, int]:
        """Return what has been asked for so far, by node."""
        return self._folder.read(WANTED)

    def end(self) -> None:
        """Say that nothing runs any more."""
        self._folder.remove(RUNNING)

    def _most(self) -> dict[str, int | None]:
        return {node.name: self._topology.most_instances(node) for node in self._topology.nodes}


def request_scale(folder: DataFolder, replicas: Mapping[str, int]) -> None:
    """Ask the `catenae up` that runs on a folder for so many instances of some nodes; it follows in a moment.

    Raises `ConfigError` when none runs there, or it has no such node, or not as many partitions.
    """
    running = folder.read(RUNNING)
    if folder.user() is None or not running:
        raise ConfigError(
            f"nothing runs on data folder {str(folder.path)!r}; start it with `catenae up`, or name its "
            f"folder with --data"
        )
    require_replicas(running["topology"], running["most"], replicas)
    folder.write(WANTED, {**folder.read(WANTED), **replicas})


def require_replicas(topology: str, most: Mapping[str, int | None], replicas: Mapping[str, int]) -> None:
    """Raise `ConfigError` unless each node exists and may have so many instances; `most` None is no bound."""
    for node, wanted in replicas.items():
        if node not in most:
            raise ConfigError(f"topology {topology!r} has no node {node!r}; {suggestion(node, most)}")
        limit = most[node]
        if limit is not None and wanted > limit:
            raise ConfigError(
                f"node {node!r} was asked for {wanted} instances, but its topics have {limit} partitions, so "
                f"some would stand idle; ask for {limit} at most"
            )
