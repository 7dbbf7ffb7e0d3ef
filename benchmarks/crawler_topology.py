"""The user content crawler alone, with a budget that is not felt; CRAWL_CONCURRENCY says how many threads."""

import os
from dataclasses import replace

from catenae import Topology
from topologies.reddit import topology as declared

BUDGET = {"budget_requests": 10_000_000, "budget_window_s": 600.0}

topology = Topology(
    "crawler",
    partitions=12,
    external=("new_users", "user_risks", "texts", "visits"),
    nodes=(
        replace(
            declared.node("user_content_crawler"),
            concurrency=int(os.environ.get("CRAWL_CONCURRENCY", "8")),
            options=BUDGET,
        ),
    ),
)
