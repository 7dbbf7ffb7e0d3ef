"""The service that has Kafka and MongoDB allow every node its work, and through which an operator looks."""

from collections.abc import Sequence

from catenae.operating.compose.deployment import Deployment
from catenae.operating.compose.secrets import AUTHORITY, mounted
from catenae.operating.compose.servers import documents
from catenae.operating.compose.yaml import quoted
from catenae.operating.passwords import OPERATOR


def operator(references: Sequence[str], nodes: Sequence[str], deployment: Deployment) -> str:
    """Return the operator's part of `services:` that Compose and Swarm both read."""
    named = ", ".join(quoted(each) for each in references)
    others = [*([AUTHORITY] if deployment.has_tls else []), *nodes]
    url = documents(OPERATOR, "admin", has_tls=deployment.has_tls)
    known = f"      CATENAE_DOCUMENTS: {url}\n" if deployment.has_documents else ""
    return f"""\
  {OPERATOR}:
    <<: *every-node
    image: {deployment.images}/core:${{CATENAE_TAG:-latest}}
    command: [permit, {named}, --passwords, /run/secrets]
    environment:
      <<: *environment
      CATENAE_KAFKA_SASL_USERNAME: {OPERATOR}
{known}\
    deploy:
      replicas: 1
      restart_policy:
        condition: on-failure
{mounted(OPERATOR, others)}"""


def local_operator() -> str:
    """Return the operator's part of `services:` that only Compose reads."""
    return f"""\
  {OPERATOR}:
    <<: *after-servers
    build: *build-core
"""
