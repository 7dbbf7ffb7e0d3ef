"""Posts of a public Weibo collection, judged one by one: alerts on their users, and searches by topic.

Train a classifier first, of any kind that judges posts; `make run-weibo` does all of it on generated people:

    ./screening train POSTS --kind cnn_lstm --model data/model
    ./screening run-weibo --collection data/weibo --model data/model
"""

from dataclasses import replace

from catenae import Node, Topology
from topologies.depression import LIGHT, MODEL, STAGE
from topologies.depression import topology as depression
from topologies.topic import TOPICS

# What the screening by all words has in place of the two nodes that judge and add up here.
BY_WORDS = ("text_vectoriser", "vector_aggregator", "tfidf_transformer", "logistic_predictor")

# Whatever the kind of the classifier.
JUDGES = ("stages", "classify", "chinese")

JUDGING = (
    Node(
        "post_judge",
        "services.classifiers.post_classifier:PostJudge",
        reads="texts",
        writes="evidence",
        options=MODEL,
        resources=STAGE,
        extras=JUDGES,
        documents={},
    ),
    Node(
        "evidence_aggregator",
        "services.classifiers.evidence_aggregator:EvidenceAggregator",
        reads="evidence",
        writes={"texts": "text_probabilities", "users": "user_probabilities"},
        resources=LIGHT,
        extras=("stages",),
        documents={},
        chain="screening",
    ),
)

topology = Topology(
    "weibo",
    partitions=12,
    external=("texts",),
    nodes=(
        Node(
            "weibo_reader",
            "services.weibo.reader:WeiboReader",
            writes="texts",
            options={"path": "data/weibo"},
            resources=LIGHT,
            extras=("reddit",),
            documents={},
        ),
        replace(depression.node("screening_forget_requests"), options={}),
        *JUDGING,
        *(node for node in depression.nodes if node.inputs and node.name not in BY_WORDS),
        *(replace(node, extras=JUDGES) if "model" in node.options else node for node in TOPICS),
        depression.node("api"),
    ),
)
