"""The shared task: its rounds are read, screened and answered, each before the next is asked for.

Set ERISK_TOKEN, and name the server: --option rounds.server=… --option answers.server=…
"""

from catenae import Node, Resources, Retry, Topology
from topologies.depression import SCREENING

LIGHT = Resources(memory_mb=256, cpus=1)
LOCAL = {"server": "http://127.0.0.1:8600/challenge-service"}
STAGES = ("text_vectoriser", "vector_aggregator", "tfidf_transformer", "logistic_predictor")

topology = Topology(
    "erisk",
    partitions=4,
    exported=("text_probabilities",),
    nodes=(
        Node(
            "rounds",
            "services.erisk.rounds:Rounds",
            writes={"texts": "texts", "rounds": "rounds"},
            options=LOCAL,
            resources=LIGHT,
            documents={"erisk_rounds": "read"},
        ),
        *(node for node in SCREENING if node.name in STAGES),
        Node(
            "verdicts",
            "services.erisk.verdicts:Verdicts",
            reads="user_probabilities",
            writes="verdicts",
            resources=LIGHT,
            documents={},
        ),
        Node(
            "answers",
            "services.erisk.answers:Answers",
            reads=("rounds", "verdicts"),
            timers="answers_due",
            options=LOCAL,
            resources=LIGHT,
            # A round that is not handed in is one that nobody goes on from.
            on_error="stop",
            retry=Retry(attempts=None),
            documents={"erisk_rounds": "write"},
        ),
    ),
)
