"""Topologies as a folder of manifests for Kubernetes, to be applied by kustomize: every node a Deployment.

manifests  the folder whole
nodes      what stands for a node
cluster    what holds for all of it
pods       what all pods of ours have: who they are, what they may do, how they are looked at
kafka      Kafka and its users as Strimzi has them
stores     Aerospike and MongoDB
operator   what has servers allow each node its work
network    who may reach whom
resources  names and labels
yaml       resources as text
"""

from catenae.operating.kubernetes.cluster import Cluster
from catenae.operating.kubernetes.manifests import kubernetes

__all__ = ["Cluster", "kubernetes"]
