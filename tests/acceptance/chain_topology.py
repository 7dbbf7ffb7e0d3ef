"""The word count as one process."""

from dataclasses import replace

from topologies.wordcount import topology as wordcount

topology = replace(
    wordcount, nodes=tuple(replace(node, replicas=1, chain="words") for node in wordcount.nodes)
)
