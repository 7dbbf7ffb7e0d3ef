"""Posts with texts and images, judged one by one by both: alerts on their users.

Train a model of kind "fused" first, or one of kind "image"; `make run-multimodal` does all of it on generated
people and scenes. Nobody on the web is asked unless `image_fetcher.hosts` names some.
"""

from dataclasses import replace

from catenae import Node, Resources, Topology
from topologies.depression import topology as depression
from topologies.weibo import BY_WORDS, JUDGING

FETCHING = Node(
    "image_fetcher",
    "services.images.image_fetcher:ImageFetcher",
    reads="texts",
    writes="illustrated_texts",
    concurrency=4,
    options={"folder": "data/images"},
    # What decodes a file takes up to half of it.
    resources=Resources(memory_mb=1024, cpus=1),
    extras=("images",),
    documents={},
    files={"data/images": "read"},
)

topology = Topology(
    "multimodal",
    partitions=12,
    external=("texts",),
    nodes=(
        depression.node("replay"),
        replace(depression.node("screening_forget_requests"), options={}),
        FETCHING,
        *(
            replace(node, reads="illustrated_texts") if node.name == "post_judge" else node
            for node in JUDGING
        ),
        *(node for node in depression.nodes if node.inputs and node.name not in BY_WORDS),
        depression.node("api"),
    ),
)
