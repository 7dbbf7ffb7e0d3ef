"""The crawler as the acceptance test runs it: seconds in place of hours and days, and a budget that is felt.

CRAWL_DELAYS_S, six numbers of seconds, and CRAWL_BUDGET, requests and seconds, set them.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catenae import Node, Topology
from services.reddit.demo.community import BOTS
from topologies.reddit import topology as declared


def numbers(name: str, default: str) -> list[float]:
    """Return the numbers of an environment variable."""
    return [float(number) for number in os.environ.get(name, default).split()]


DELAYS_S = numbers("CRAWL_DELAYS_S", "2 4 6 8 10 12")
REQUESTS, WINDOW_S = numbers("CRAWL_BUDGET", "300 10")
OPTIONS: Mapping[str, Any] = {"budget_requests": int(REQUESTS), "budget_window_s": WINDOW_S}


def _node(node: Node) -> Node:
    """Return a declared node as it is tried."""
    options = {**node.options, **{name: value for name, value in OPTIONS.items() if name in node.options}}
    if node.name in ("submission_crawler", "comment_crawler"):
        options |= {"every_s": 1.0, "skip": BOTS}
    if node.name == "user_content_crawler":
        options |= {"revisit_delays_s": DELAYS_S}
    return replace(node, options=options)


topology = Topology(
    "crawl",
    partitions=declared.partitions,
    external=declared.external,
    nodes=tuple(_node(node) for node in declared.nodes),
)
