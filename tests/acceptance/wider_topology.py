"""What the autoscaler is tried with, with more partitions."""

from dataclasses import replace

from tests.acceptance.scale_topology import topology as before

topology = replace(before, partitions=60)
