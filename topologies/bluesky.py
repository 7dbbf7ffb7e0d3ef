"""Bluesky, live and screened: every new post of some languages, and what is deleted taken away again."""

from catenae import Input, Node, Resources, Topology
from topologies.depression import SCREENING

LIGHT = Resources(memory_mb=256, cpus=1)
# By then what is to be taken away has long been stored.
DELETION_DELAY_S = 60.0
LATE_DELAY_S = 3600.0

topology = Topology(
    "bluesky",
    partitions=12,
    nodes=(
        Node(
            "jetstream",
            "services.bluesky.jetstream:Jetstream",
            writes="events",
            options={"languages": ("en",)},
            resources=LIGHT,
            extras=("bluesky",),
            documents={},
        ),
        Node(
            "forget_requests",
            "services.forgetting.forget_requests:ForgetRequests",
            writes="events",
            resources=LIGHT,
            documents={"forget_requests": "write", "users": "read"},
        ),
        Node(
            "posts",
            "services.bluesky.posts:Posts",
            reads=(
                "events",
                Input("deletions", DELETION_DELAY_S),
                Input("late_deletions", LATE_DELAY_S),
            ),
            writes={"texts": "texts", "deletions": "deletions", "late": "late_deletions"},
            resources=LIGHT,
            documents={"posts": "read"},
        ),
        *SCREENING,
    ),
)
