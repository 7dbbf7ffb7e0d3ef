"""The first example: lines in, running word counts out."""

from catenae import Node, Topology

topology = Topology(
    "wordcount",
    external=("lines",),
    exported=("counts",),
    formats={"counts": "json"},
    nodes=(
        Node("splitter", "services.examples.word_count:WordSplitter", reads="lines", writes="words"),
        Node("counter", "services.examples.word_count:WordCount", reads="words", writes="counts", replicas=2),
    ),
)
