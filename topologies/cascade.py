"""The screening, and beside it a cascade: a heavy classifier of the posts that leave a cheap one in doubt.

Both opinions as in topologies/opinions.py. Train the parts first, then the cascade on posts neither has seen:

    ./screening train POSTS --kind cascade --cheap data/model --heavy data/sentences --model data/cascade
    ./screening evaluate OTHER_POSTS --model data/cascade
"""

from catenae import Node, Topology
from topologies.depression import SCREENING, STAGE
from topologies.depression import topology as depression
from topologies.opinions import SENTENCES, of_evidence, recording

CASCADE = {"model": "data/cascade"}

topology = Topology(
    "cascade",
    partitions=12,
    external=("texts",),
    nodes=(
        *(node for node in depression.nodes if node not in SCREENING),
        *map(recording, SCREENING),
        Node(
            f"{SENTENCES}_sieve",
            "services.classifiers.cascade:Sieve",
            reads="texts",
            writes=f"{SENTENCES}_sifted",
            options={**CASCADE, "first": 3},
            resources=STAGE,
            extras=("classify",),
            documents={},
        ),
        Node(
            f"{SENTENCES}_judge",
            "services.classifiers.cascade:DoubtJudge",
            reads=f"{SENTENCES}_sifted",
            writes=f"{SENTENCES}_evidence",
            options=CASCADE,
            resources=STAGE,
            extras=("classify",),
            documents={},
        ),
        *of_evidence(SENTENCES),
    ),
)
