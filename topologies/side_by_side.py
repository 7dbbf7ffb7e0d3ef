"""Two screenings of the same texts, each with its model, its alerts and its page: depression, and gambling.

Train both models first: ./screening train COLLECTION --model data/gambling --about gambling
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catenae import Node, Topology
from services.screenings import collection_of
from topologies.depression import SCREENING
from topologies.depression import topology as depression

GAMBLING = "gambling"
# What is done once for all screenings of the same texts.
SHARED = ("post_storer", "forget_recorder")
TEXTS = "texts"
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "text_vectoriser": {"screening": GAMBLING},
    "probability_storer": {"screening": GAMBLING},
    "user_storer": {"screening": GAMBLING},
    "alert_storer": {"screening": GAMBLING},
    "api": {"screening": GAMBLING, "port": 8081},
}


def second(node: Node) -> Node:
    """Return a node of the screening as one of the second's, with names of its own for all that it has."""
    own = {"model": f"data/{GAMBLING}"} if "model" in node.options else {}
    return replace(
        node,
        name=f"{GAMBLING}_{node.name}",
        reads=[replace(each, topic=_topic(each.topic)) for each in node.inputs],
        writes={port: _topic(topic) for port, topic in node.outputs.items()},
        options={**node.options, **own, **OPTIONS.get(node.name, {})},
        personal={collection_of(GAMBLING, name): field for name, field in node.personal.items()},
        documents=None
        if node.documents is None
        else {collection_of(GAMBLING, name): access for name, access in node.documents.items()},
        chain=node.chain and f"{GAMBLING}_{node.chain}",
    )


def _topic(topic: str) -> str:
    return topic if topic == TEXTS else f"{GAMBLING}_{topic}"


def _first(node: Node) -> Node:
    """Return a node of the first screening; what ends a request to forget looks at what both have kept."""
    if node.name != "forget_recorder":
        return node
    kept = {collection_of(GAMBLING, name): access for name, access in (node.documents or {}).items()}
    documents = {**(node.documents or {}), **kept}
    return replace(node, options={**node.options, "beside": (GAMBLING,)}, documents=documents)


topology = Topology(
    "side_by_side",
    partitions=12,
    external=(TEXTS,),
    exported=("user_probabilities", f"{GAMBLING}_user_probabilities", f"{GAMBLING}_alerts"),
    nodes=(
        depression.node("replay"),
        depression.node("screening_forget_requests"),
        *map(_first, SCREENING),
        *(second(node) for node in SCREENING if node.name not in SHARED),
    ),
)
