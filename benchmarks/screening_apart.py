"""The screening with each stage a process of its own: what its chain is measured against."""

from dataclasses import replace

from topologies.depression import topology as chained

topology = replace(chained, nodes=tuple(replace(node, chain="") for node in chained.nodes))
