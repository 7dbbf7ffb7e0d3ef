"""Bluesky as the acceptance test runs it: without the screening, and seconds in place of minutes."""

from dataclasses import replace

from catenae import Input, Topology
from topologies.bluesky import topology as declared

DELAYS = {"deletions": Input("deletions", 3.0), "late_deletions": Input("late_deletions", 6.0)}

topology = Topology(
    "bluesky",
    partitions=declared.partitions,
    external=("texts",),
    nodes=tuple(
        replace(node, reads=tuple(DELAYS.get(each.topic, each) for each in node.inputs))
        for node in declared.nodes
        if node.name in ("jetstream", "posts", "post_storer")
    ),
)
