"""Several topologies on one data folder, one after the other: they share no topic by chance.

What a topology finds on a topic it takes for its own, and what another one has put there would be set aside.
"""

from catenae.errors import TopologyError
from catenae.topology.data_folder import DataFolder
from catenae.topology.graph import Topology

TOPOLOGIES = "topologies.json"


def take_place(folder: DataFolder, topology: Topology) -> None:
    """Note in the folder which topics a topology uses; only under the lock.

    Raises `TopologyError` if another one has used one of them there, unless both list it as external: then it
    is meant to be shared.
    """
    used = folder.read(TOPOLOGIES)
    mine = {topic: topic in topology.external for topic in topology.data_topics()}
    for name, theirs in used.items():
        shared = [topic for topic in mine if topic in theirs and not (mine[topic] and theirs[topic])]
        if name != topology.name and shared:
            raise TopologyError(
                f"topology {topology.name!r} has topic {shared[0]!r} in common with {name!r}, which has used "
                f"data folder {str(folder.path)!r}. Take another folder with --data; or, if the topic is "
                f"meant to be shared, list it in Topology(external=...) of both"
            )
    folder.write(TOPOLOGIES, {**used, topology.name: mine})
