"""Topologies as files for Docker: every node a service, beside Kafka, Aerospike and MongoDB.

files      the two files whole
deployment whose images they are, and which servers there are
service    what stands for a node
servers    what stands for Kafka, Aerospike and MongoDB
operator   what has them allow each node its work
secrets    passwords and certificates, as files
images     which images are meant, by digest
yaml       texts as YAML that Compose reads
conflicts  what keeps topologies from one broker
"""

from catenae.operating.compose.deployment import Deployment
from catenae.operating.compose.files import ComposeFiles, compose

__all__ = ["ComposeFiles", "Deployment", "compose"]
