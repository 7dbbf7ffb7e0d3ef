"""The Reddit crawler: from what is new on Reddit to everything its authors wrote, visited again and again.

Its texts are what topologies/depression.py screens; what that finds decides how soon a user is visited again.
docs/crawler.md says how to run both.
"""

from catenae import Node, Resources, Topology

# Reddit lets one application ask 1,000 times in ten minutes: all nodes together, however many instances.
BUDGET = {"budget_requests": 1000, "budget_window_s": 600.0}
STORERS = "services.reddit.storers"
LIGHT = Resources(memory_mb=256, cpus=1)
REDDIT = ("reddit",)

CRAWLER = (
    Node(
        "submission_crawler",
        "services.reddit.submission_crawler:SubmissionCrawler",
        writes="authors",
        options=BUDGET,
        resources=LIGHT,
        extras=REDDIT,
        documents={},
    ),
    Node(
        "comment_crawler",
        "services.reddit.comment_crawler:CommentCrawler",
        writes="authors",
        options=BUDGET,
        resources=LIGHT,
        extras=REDDIT,
        documents={},
    ),
    Node(
        "forget_requests",
        "services.forgetting.forget_requests:ForgetRequests",
        writes="authors",
        resources=LIGHT,
        documents={"forget_requests": "write", "users": "read"},
    ),
    Node(
        "user_filter",
        "services.reddit.user_filter:UserFilter",
        reads="authors",
        writes="new_users",
        resources=LIGHT,
        documents={},
    ),
    Node(
        "risk_filter",
        "services.reddit.risk_filter:RiskFilter",
        reads="user_probabilities",
        writes="user_risks",
        resources=LIGHT,
        documents={},
    ),
    Node(
        "user_content_crawler",
        "services.reddit.user_content_crawler:UserContentCrawler",
        # What is begun is finished first; then new users, before those who come again, as timers say.
        reads=("user_risks", "continued_visits", "new_users", "revisits"),
        writes={
            "texts": "texts",
            "visits": "visits",
            "continued": "continued_visits",
        },
        timers="revisits",
        input_mode="exponential",
        concurrency=8,
        options=BUDGET,
        resources=LIGHT,
        extras=REDDIT,
        documents={"posts": "read"},
    ),
    Node(
        "visit_storer",
        f"{STORERS}:VisitStorer",
        reads="visits",
        options={"collection": "visits", "id_field": "user", "indexes": ["status", "visited_utc"]},
        personal={"visits": "user"},
        resources=LIGHT,
        documents={"visits": "write"},
    ),
)

topology = Topology(
    "reddit",
    partitions=12,
    external=("texts", "user_probabilities"),
    nodes=(
        *CRAWLER,
        Node(
            "content_storer",
            f"{STORERS}:PostStorer",
            reads="texts",
            options={"collection": "posts", "user_field": "author", "indexes": ["author created_utc"]},
            personal={"posts": "author"},
            resources=LIGHT,
            documents={"posts": "write"},
        ),
    ),
)
