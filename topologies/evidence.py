"""The screening by what single posts say, by days or beside all words; all words are shown as ever.

Off unless this is run in place of topologies/depression.py: it has not been tried on real users.
"""

from dataclasses import replace

from catenae import Node, Topology
from topologies.depression import MODEL, SCREENING, STAGE, STAGES
from topologies.depression import topology as depression

EVIDENCE = "evidence_probabilities"

topology = Topology(
    "evidence",
    partitions=12,
    external=("texts",),
    exported=("user_probabilities",),
    nodes=(
        depression.node("replay"),
        depression.node("screening_forget_requests"),
        *(replace(node, reads=EVIDENCE) if node.name == "alert_manager" else node for node in SCREENING),
        Node(
            "evidence_adder",
            "services.depression.evidence_adder:EvidenceAdder",
            reads="tfidf_changes",
            writes=EVIDENCE,
            options=MODEL,
            resources=STAGE,
            extras=STAGES,
            documents={},
            chain="screening",
        ),
    ),
)
