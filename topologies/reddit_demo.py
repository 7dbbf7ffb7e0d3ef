"""Crawler and screening on the local Reddit: the same nodes, with seconds in place of hours and days.

`./screening run-reddit` runs it. Nothing here is fit for the real Reddit, whose budget is far smaller.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catenae import Node, Topology
from services.reddit.demo.community import BOTS
from topologies.reddit_screening import topology as declared

REVISIT_DELAYS_S = (20.0, 25.0, 30.0, 35.0, 40.0, 45.0)
BUDGET = {"budget_requests": 3000, "budget_window_s": 60.0}
HURRIED: Mapping[str, Mapping[str, Any]] = {
    "submission_crawler": {**BUDGET, "every_s": 2.0, "skip": BOTS},
    "comment_crawler": {**BUDGET, "every_s": 2.0, "skip": BOTS},
    "user_content_crawler": {**BUDGET, "revisit_delays_s": REVISIT_DELAYS_S},
}


def _hurried(node: Node) -> Node:
    return replace(node, options={**node.options, **HURRIED.get(node.name, {})})


topology = Topology(
    "reddit_demo", partitions=declared.partitions, nodes=tuple(_hurried(node) for node in declared.nodes)
)
