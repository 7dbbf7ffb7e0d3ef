"""Screening for signs of depression: from texts to the alerts that experts review. All is keyed by user.

Train a model first: ./screening train COLLECTION --model data/model
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
        options=MODEL,
        resources=STAGE,
        extras=STAGES,
        documents={"probabilities": "read"},
        chain="screening",
    ),
    Node(
        "vector_aggregator",
        "services.depression.vector_aggregator:VectorAggregator",
        reads="text_counts",
        writes="count_changes",
        resources=STAGE,
        extras=STAGES,
        documents={},
        chain="screening",
    ),
    Node(
        "tfidf_transformer",
        "services.depression.tfidf_transformer:TfidfTransformer",
        reads="count_changes",
        writes="tfidf_changes",
        options=MODEL,
        resources=STAGE,
        extras=STAGES,
        documents={},
        chain="screening",
    ),
    Node(
        "logistic_predictor",
        "services.depression.logistic_predictor:LogisticPredictor",
        reads="tfidf_changes",
        writes={"texts": "text_probabilities", "users": "user_probabilities"},
        options=MODEL,
        resources=STAGE,
        extras=STAGES,
        documents={},
        chain="screening",
    ),
    Node(
        "alert_manager",
        "services.depression.alert_manager:AlertManager",
        reads="user_probabilities",
        writes="alerts",
        resources=LIGHT,
        documents={},
        chain="screening",
    ),
    Node(
        "post_storer",
        POST_STORER,
        reads="texts",
        options={"collection": "posts", "user_field": "author"},
        personal={"posts": "author"},
        resources=LIGHT,
        documents={"posts": "write"},
    ),
    Node(
        "probability_storer",
        f"{STORERS}:ProbabilityStorer",
        reads="text_probabilities",
        options={"collection": "probabilities", "id_field": "post_id"},
        personal={"probabilities": "user"},
        resources=LIGHT,
        documents={"probabilities": "write"},
    ),
    Node(
        "user_storer",
        f"{STORERS}:UserStorer",
        reads="user_probabilities",
        # By which those are found who have been silent for long.
        options={"collection": "users", "id_field": "user", "indexes": ["last_utc"]},
        personal={"users": "user"},
        resources=LIGHT,
        documents={"users": "write"},
    ),
    Node(
        "alert_storer",
        f"{STORERS}:AlertStorer",
        reads="alerts",
        # What experts say of an alert is beside what the topology says.
        options={"collection": "alerts", "id_field": "user", "merges": True, "stamp": "changed_ms"},
        personal={"alerts": "user"},
        resources=LIGHT,
        documents={"alerts": "write", "reviews": "write", "review_counts": "write"},
    ),
    Node(
        "forget_recorder",
        "services.forgetting.forget_recorder:ForgetRecorder",
        reads=("alerts", Input("forget_checks", delay_s=1)),
        writes={"again": "forget_checks"},
        resources=LIGHT,
        # It looks for what is left of a user, and can neither read nor change the audit log.
        documents={
            "posts": "read",
            "probabilities": "read",
            "users": "read",
            "alerts": "read",
            "reviews": "read",
            "visits": "read",
            "topic_posts": "read",
            "forget_requests": "write",
            "audit": "add",
        },
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
            documents={},
        ),
        Node(
            "screening_forget_requests",
            "services.forgetting.forget_requests:ForgetRequests",
            writes="texts",
            options={"ends": True},
            resources=LIGHT,
            documents={"forget_requests": "write", "users": "read"},
        ),
        *SCREENING,
    ),
)
