"""The topology: its graph, and how each node stands."""

from fastapi import APIRouter

from catenae import Node
from services.api.access import Reviewer
from services.api.collaborators import Here
from services.api.operator_answers import NodeAnswer, NodeFigures, Output, TopicAnswer, TopologyAnswer

router = APIRouter(prefix="/topology", tags=["operations"])


@router.get("")
def show(_: Reviewer, here: Here) -> TopologyAnswer:
    """Show the graph that runs, as of a few seconds ago."""
    topology = here.operations.topology
    seen = {each.name: each for each in here.statistics.nodes()}
    errors = here.statistics.errors()
    pauses = here.operations.pauses()
    return TopologyAnswer(
        name=topology.name,
        partitions=topology.partitions,
        nodes=[
            _node(node, seen.get(node.name), errors.get(node.name), pauses.get(node.name))
            for node in topology.nodes
        ],
        topics=[
            TopicAnswer(name=topic, records=records, is_external=topic in topology.shared)
            for topic, records in here.operations.records().items()
        ],
    )


def _node(node: Node, seen: NodeFigures | None, error: str | None, paused_until_ms: int | None) -> NodeAnswer:
    figures = seen or NodeFigures(
        name=node.name,
        running=0,
        in_per_s=None,
        out_per_s=0,
        lag=None,
        dead_letters=0,
        restarts=0,
        restarted_ms=None,
    )
    return NodeAnswer(
        **figures.model_dump(),
        service=node.service,
        kind=node.kind,
        replicas=node.replicas,
        reads=[each.topic for each in node.inputs],
        writes=[Output(port=port, topic=topic) for port, topic in node.outputs.items()],
        last_error=error or None,
        paused_until_ms=paused_until_ms,
    )
