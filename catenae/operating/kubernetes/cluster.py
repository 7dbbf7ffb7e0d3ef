"""What holds for a cluster whole: whose images run there, which servers there are, what nodes are told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from catenae.operating.compose.kafka import KafkaBrokers
from catenae.operating.compose.servers import STORE
from catenae.operating.kubernetes.pods import AUTHORITY_FILE, PASSWORD_FILE
from catenae.operating.kubernetes.resources import resource_name

KAFKA_PORT = 9093
# What Strimzi calls the brokers' address, of a cluster called "kafka".
BOOTSTRAP = f"kafka-kafka-bootstrap:{KAFKA_PORT}"
_SUM_BYTES = 8


@dataclass(frozen=True)
class Cluster:
    """What is the same for every node.

    project        whose images they are, and in which namespace all is
    kafka          the brokers that Strimzi is to run
    broker         the URL of a Kafka that is there already, in their place
    has_store      some node keeps State or timers, so there is an Aerospike
    has_documents  some node has to do with documents, so there is a MongoDB
    """

    project: str
    kafka: KafkaBrokers = KafkaBrokers(3)  # noqa: RUF009  it is frozen
    broker: str | None = None
    has_store: bool = True
    has_documents: bool = True

    def principal(self, node: str) -> str:
        """Return who a node is to Kafka: Strimzi keeps it to names of resources."""
        return resource_name(node) if self.broker is None else node

    @property
    def settings(self) -> Mapping[str, str]:
        """What the environment of every node has."""
        authority = {"CATENAE_KAFKA_SSL_CA_LOCATION": AUTHORITY_FILE} if self.broker is None else {}
        return {
            "CATENAE_BROKER": self.broker or f"kafka://{BOOTSTRAP}{self.kafka.replication}",
            "CATENAE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "CATENAE_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "CATENAE_KAFKA_SASL_PASSWORD_FILE": PASSWORD_FILE,
            **authority,
            **({"CATENAE_MONGODB_PASSWORD_FILE": PASSWORD_FILE} if self.has_documents else {}),
            **({"CATENAE_STORE": STORE} if self.has_store else {}),
            "CATENAE_LOG_FORMAT": "json",
        }

    @property
    def settings_sum(self) -> str:
        """A text that is another one whenever the settings are."""
        return blake2b(json.dumps(self.settings).encode(), digest_size=_SUM_BYTES).hexdigest()
