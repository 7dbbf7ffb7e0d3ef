"""The topic tool: searches over what is held, Reddit, Bluesky and a collection; posts judged and counted.

Train a model first, of any kind that judges posts; docs/topics.md says how, and how to run this beside a
screening. `make run-topic` tries it on generated people.
"""

from dataclasses import replace

from catenae import Input, Node, Topology
from topologies.depression import LIGHT, MODEL, STAGE
from topologies.depression import topology as depression

# What a screening takes in besides, so that the same web tool has topics.
TOPICS = (
    Node(
        "topic_searches",
        "services.topics.topic_searches:TopicSearches",
        writes="topic_found",
        resources=STAGE,
        extras=("reddit", "bluesky"),
        documents={
            "topics": "write",
            "topic_progress": "write",
            "topic_sources": "write",
            "topic_posts": "write",
            "topic_counts": "write",
            "posts": "write",
        },
    ),
    Node(
        "topic_matcher",
        "services.topics.topic_matcher:TopicMatcher",
        reads="texts",
        writes="topic_found",
        resources=LIGHT,
        documents={"topics": "read"},
    ),
    Node(
        "topic_judge",
        "services.topics.topic_judge:TopicJudge",
        reads="topic_found",
        writes="topic_judged",
        options=MODEL,
        resources=STAGE,
        extras=("stages", "classify"),
        documents={},
    ),
    Node(
        "topic_keeper",
        "services.topics.topic_keeper:TopicKeeper",
        reads="topic_judged",
        writes={"posts": "topic_posts", "changes": "topic_changes"},
        resources=LIGHT,
        documents={},
    ),
    Node(
        "topic_counter",
        "services.topics.topic_counter:TopicCounter",
        reads="topic_changes",
        writes="topic_counts",
        resources=LIGHT,
        documents={},
    ),
    Node(
        "topic_post_storer",
        "services.topics.storers:TopicPostStorer",
        reads="topic_posts",
        options={"collection": "topic_posts", "user_field": "author"},
        personal={"topic_posts": "author"},
        resources=LIGHT,
        documents={"topic_posts": "write"},
    ),
    Node(
        "topic_erasures",
        "services.topics.topic_erasures:TopicErasures",
        writes="topic_changes",
        resources=LIGHT,
        documents={"topic_erased": "write"},
    ),
    Node(
        "topic_count_storer",
        "services.topics.storers:CountStorer",
        reads="topic_counts",
        options={"collection": "topic_counts"},
        resources=LIGHT,
        documents={"topic_counts": "write"},
    ),
)


topology = Topology(
    "topic",
    partitions=12,
    external=("texts",),
    nodes=(
        replace(depression.node("screening_forget_requests"), options={}),
        depression.node("post_storer"),
        *TOPICS,
        replace(
            depression.node("forget_recorder"),
            reads=("topic_posts", Input("forget_checks", delay_s=1)),
        ),
        depression.node("api"),
    ),
)
