"""Crawler and screening in one: what `catenae up` runs on one machine, and Compose in one project.

The screening stores the posts, so the crawler does not; and nothing is replayed.
"""

from catenae import Topology
from topologies.depression import SCREENING
from topologies.reddit import CRAWLER

topology = Topology("reddit_screening", partitions=12, nodes=(*CRAWLER, *SCREENING))
