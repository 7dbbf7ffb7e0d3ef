"""Two opinions of the same posts: the screening by words, and beside it a classifier of sentences.

Each has topics, documents and alerts of its own. Train both first:

    ./screening train COLLECTION --model data/model
    ./screening train POSTS --model data/sentences --kind encoder
"""

from dataclasses import replace

from catenae import Node, Topology
from services.screenings import collection_of
from topologies.depression import LIGHT, SCREENING, STAGE, STORERS
from topologies.depression import topology as depression

SENTENCES = "sentences"


def opinion(name: str, model: str) -> tuple[Node, ...]:
    """Return the nodes of a classifier that runs beside others; whatever it writes has its name in front."""
    judge = Node(
        f"{name}_classifier",
        "services.classifiers.post_classifier:PostJudge",
        reads="texts",
        writes=f"{name}_evidence",
        options={"model": model},
        resources=STAGE,
        extras=("classify",),
        documents={},
    )
    return (judge, *of_evidence(name))


def of_evidence(name: str) -> tuple[Node, ...]:
    """Return the nodes that make alerts of what a classifier of that name says of posts."""
    texts, users, alerts = (collection_of(name, each) for each in ("probabilities", "users", "alerts"))
    return (
        Node(
            f"{name}_aggregator",
            "services.classifiers.evidence_aggregator:EvidenceAggregator",
            reads=f"{name}_evidence",
            writes={"texts": texts, "users": users},
            resources=LIGHT,
            extras=("stages",),
            documents={},
        ),
        Node(
            f"{name}_alert_manager",
            "services.depression.alert_manager:AlertManager",
            reads=users,
            writes=alerts,
            resources=LIGHT,
            documents={},
        ),
        Node(
            f"{name}_probability_storer",
            f"{STORERS}:ProbabilityStorer",
            reads=texts,
            options={"collection": "probabilities", "id_field": "post_id", "screening": name},
            personal={texts: "user"},
            resources=LIGHT,
            documents={texts: "write"},
        ),
        Node(
            f"{name}_user_storer",
            f"{STORERS}:UserStorer",
            reads=users,
            options={"collection": "users", "id_field": "user", "screening": name},
            personal={users: "user"},
            resources=LIGHT,
            documents={users: "write"},
        ),
        Node(
            f"{name}_alert_storer",
            f"{STORERS}:AlertStorer",
            reads=alerts,
            options={
                "collection": "alerts",
                "id_field": "user",
                "merges": True,
                "stamp": "changed_ms",
                "screening": name,
            },
            personal={alerts: "user"},
            resources=LIGHT,
            documents={collection_of(name, each): "write" for each in ("alerts", "reviews", "review_counts")},
        ),
    )


def recording(node: Node) -> Node:
    """Return the node; what records who is forgotten waits for the second opinion's documents too."""
    if node.name != "forget_recorder":
        return node
    kept = {collection_of(SENTENCES, name): access for name, access in (node.documents or {}).items()}
    documents = {**(node.documents or {}), **kept}
    return replace(node, options={"beside": (SENTENCES,)}, documents=documents)


topology = Topology(
    "opinions",
    partitions=12,
    external=("texts",),
    nodes=(
        *(node for node in depression.nodes if node not in SCREENING),
        *map(recording, SCREENING),
        *opinion(SENTENCES, "data/sentences"),
    ),
)
