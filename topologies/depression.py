"""Screening for signs of depression: from texts to the alerts that experts review. All is keyed by user.

Train a model first: python -m services.depression train COLLECTION --model data/model
"""

from catenae import Input, Node, Resources, Topology

MODEL = {"model": "data/model"}
STAGES = ("stages",)
POST_STORER = "services.reddit.storers:PostStorer"
STORERS = "services.depression.storers"
LIGHT = Resources(memory_mb=256, cpus=1)
STAGE = Resources(memory_mb=512, cpus=1)

SCREENING = (
    Node(
        "text_vectoriser",
        "services.depression.text_vectoriser:TextVectoriser",
        reads="texts",
        writes="text_counts",
        replicas=2,
        options=MODEL,
        resources=STAGE,
        extras=STAGES,
    ),
    Node(
        "vector_aggregator",
        "services.depression.vector_aggregator:VectorAggregator",
        reads="text_counts",
        writes="count_changes",
        resources=STAGE,
        extras=STAGES,
    ),
    Node(
        "tfidf_transformer",
        "services.depression.tfidf_transformer:TfidfTransformer",
        reads="count_changes",
        writes="tfidf_changes",
        options=MODEL,
        resources=STAGE,
        extras=STAGES,
    ),
    Node(
        "logistic_predictor",
        "services.depression.logistic_predictor:LogisticPredictor",
        reads="tfidf_changes",
        writes={"texts": "text_probabilities", "users": "user_probabilities"},
        options=MODEL,
        resources=STAGE,
        extras=STAGES,
    ),
    Node(
        "alert_manager",
        "services.depression.alert_manager:AlertManager",
        reads="user_probabilities",
        writes="alerts",
        resources=LIGHT,
    ),
    Node(
        "post_storer",
        POST_STORER,
        reads="texts",
        options={"collection": "posts", "user_field": "author"},
        resources=LIGHT,
    ),
    Node(
        "probability_storer",
        f"{STORERS}:ProbabilityStorer",
        reads="text_probabilities",
        options={"collection": "probabilities", "id_field": "post_id"},
        resources=LIGHT,
    ),
    Node(
        "user_storer",
        f"{STORERS}:UserStorer",
        reads="user_probabilities",
        options={"collection": "users", "id_field": "user"},
        resources=LIGHT,
    ),
    Node(
        "alert_storer",
        f"{STORERS}:AlertStorer",
        reads="alerts",
        # What experts say of an alert is beside what the topology says.
        options={"collection": "alerts", "id_field": "user", "merges": True, "stamp": "changed_ms"},
        resources=LIGHT,
    ),
    Node(
        "forget_recorder",
        "services.forgetting.forget_recorder:ForgetRecorder",
        reads=("alerts", Input("forget_checks", delay_s=1)),
        writes="forget_checks",
        resources=LIGHT,
    ),
    Node(
        "api",
        "services.api.server:ApiServer",
        options={**MODEL, "port": 8080, "pseudonym_key": "{data}/secrets/pseudonym.key"},
        resources=LIGHT,
        extras=("web",),
    ),
)

topology = Topology(
    "depression",
    partitions=12,
    external=("texts",),
    # For the crawler, which visits those at risk sooner.
    exported=("user_probabilities",),
    nodes=(
        Node(
            "replay",
            "services.reddit.replay:Replay",
            writes="texts",
            options={"path": "data/demo"},
            resources=LIGHT,
            extras=("reddit",),
        ),
        Node(
            "screening_forget_requests",
            "services.forgetting.forget_requests:ForgetRequests",
            writes="texts",
            options={"ends": True},
            resources=LIGHT,
        ),
        *SCREENING,
    ),
)
