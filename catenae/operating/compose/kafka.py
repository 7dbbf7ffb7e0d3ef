"""Kafka as Compose services: one broker to try things out, or three, of which one may be lost."""

from dataclasses import dataclass

from catenae.errors import ConfigError
from catenae.operating.compose.secrets import AUTHORITY, AUTHORITY_FILE, CERTIFICATE, CERTIFICATE_FILE
from catenae.operating.passwords import KAFKA, OPERATOR

IMAGE = "apache/kafka:4.3.1"
LEAST_BROKERS = 3
_FIRST_PORT = 9094
_LISTENERS = ("INTERNAL", "CONTROLLER", "HOST")
# Of the quorum's storage; brokers with other ones would not talk to each other.
_CLUSTER_ID = "Y2F0ZW5hZS1jb21wb3NlZA"


@dataclass(frozen=True)
class KafkaBrokers:
    """So many brokers, each a controller too; of one, one replica of everything, logs of transactions too.

    Kafka's own topics have 8 partitions in place of 50, which would only take the first start longer. A group
    that has stood still for some days keeps its positions: for ten years, not seven days.

    Raises `ConfigError` for a number of which no majority is left when one is lost.
    """

    count: int = 1

    def __post_init__(self) -> None:
        if self.count != 1 and (self.count < LEAST_BROKERS or self.count % 2 == 0):
            raise ConfigError(
                f"--brokers is {self.count}; take 1, or an odd number of at least {LEAST_BROKERS}, of "
                f"which a majority is left when one is lost"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The services. A hyphen is in no node's name."""
        return ("kafka",) if self.count == 1 else tuple(f"kafka-{each}" for each in self._numbers)

    @property
    def url(self) -> str:
        """The broker's URL, for nodes."""
        return f"kafka://{','.join(f'{name}:9092' for name in self.names)}{self.replication}"

    @property
    def replication(self) -> str:
        """What the broker's URL says of topics that nodes create."""
        if self.count == 1:
            return ""
        return f"?replication.factor={self.replicas}&min.insync.replicas={self.in_sync}"

    def service(self, number: int, *, has_tls: bool) -> str:
        """Return a broker's service; what all servers have is added to it."""
        name = self.names[number - 1]
        several = "" if self.count == 1 else self._of_several()
        voters = ",".join(
            f"{each}@{host}:9093"
            for each, host in zip(
                self._numbers, ("localhost",) if self.count == 1 else self.names, strict=True
            )
        )
        return f"""\
  {name}:
    image: {IMAGE}
    environment:
      KAFKA_NODE_ID: {number}
      KAFKA_PROCESS_ROLES: broker,controller
      KAFKA_CONTROLLER_QUORUM_VOTERS: {voters}
      KAFKA_LISTENERS: INTERNAL://:9092,CONTROLLER://:9093,HOST://:9094
      KAFKA_ADVERTISED_LISTENERS: INTERNAL://{name}:9092,HOST://localhost:{self._port(number)}
{_locked(has_tls=has_tls)}\
      KAFKA_CONTROLLER_LISTENER_NAMES: CONTROLLER
      KAFKA_INTER_BROKER_LISTENER_NAME: INTERNAL
      KAFKA_LOG_DIRS: /var/lib/kafka/data
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false"
      KAFKA_OFFSETS_RETENTION_MINUTES: 5256000
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: 8
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: {self.replicas}
      KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: 8
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: {self.replicas}
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: {self.in_sync}
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: 0
      KAFKA_HEAP_OPTS: -Xms512m -Xmx512m
{several}\
    volumes:
      - {name}:/var/lib/kafka/data
    secrets: [{", ".join((KAFKA, *((CERTIFICATE, AUTHORITY) if has_tls else ())))}]
"""

    def label(self, number: int) -> str:
        """Return the label of the machine in a swarm on which a broker runs: one is lost with it."""
        return "catenae.servers == true" if self.count == 1 else f"catenae.kafka == {number}"

    def ports(self) -> str:
        """Return the brokers' ports, for this machine alone."""
        return "".join(
            f'  {name}:\n    ports: ["127.0.0.1:{self._port(number)}:9094"]\n'
            for number, name in zip(self._numbers, self.names, strict=True)
        )

    @property
    def _numbers(self) -> range:
        return range(1, self.count + 1)

    @property
    def replicas(self) -> int:
        """Of each partition."""
        return min(self.count, LEAST_BROKERS)

    @property
    def in_sync(self) -> int:
        """How many replicas hold a record before it counts as written."""
        return max(1, self.replicas - 1)

    def _port(self, number: int) -> str:
        if self.count == 1:
            return f"${{KAFKA_PORT:-{_FIRST_PORT}}}"
        return f"${{KAFKA_PORT_{number}:-{_FIRST_PORT + number - 1}}}"

    def _of_several(self) -> str:
        return f"""\
      KAFKA_DEFAULT_REPLICATION_FACTOR: {self.replicas}
      KAFKA_MIN_INSYNC_REPLICAS: {self.in_sync}
      CLUSTER_ID: {_CLUSTER_ID}
"""


def protocol(*, has_tls: bool) -> str:
    """Return how everybody speaks to Kafka: by name and password, encrypted or not."""
    return "SASL_SSL" if has_tls else "SASL_PLAINTEXT"


def _locked(*, has_tls: bool) -> str:
    """Return what keeps everybody out who has no password, and each from what it was not allowed.

    Also controllers, who would otherwise do for anybody what an authorizer refuses.
    """
    spoken = ",".join(f"{each}:{protocol(has_tls=has_tls)}" for each in _LISTENERS)
    login = f"$${{file:/run/secrets/{KAFKA}:login}}"
    logins = "".join(
        f"      KAFKA_LISTENER_NAME_{each}_PLAIN_SASL_JAAS_CONFIG: {login}\n" for each in _LISTENERS
    )
    certificates = f"""\
      KAFKA_SSL_KEYSTORE_TYPE: PEM
      KAFKA_SSL_KEYSTORE_LOCATION: {CERTIFICATE_FILE}
      KAFKA_SSL_TRUSTSTORE_TYPE: PEM
      KAFKA_SSL_TRUSTSTORE_LOCATION: {AUTHORITY_FILE}
"""
    return f"""\
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: {spoken}
      KAFKA_SASL_ENABLED_MECHANISMS: PLAIN
      KAFKA_SASL_MECHANISM_INTER_BROKER_PROTOCOL: PLAIN
      KAFKA_SASL_MECHANISM_CONTROLLER_PROTOCOL: PLAIN
      KAFKA_CONFIG_PROVIDERS: file
      KAFKA_CONFIG_PROVIDERS_FILE_CLASS: org.apache.kafka.common.config.provider.FileConfigProvider
{logins}\
      KAFKA_AUTHORIZER_CLASS_NAME: org.apache.kafka.metadata.authorizer.StandardAuthorizer
      KAFKA_SUPER_USERS: User:{OPERATOR}
{certificates if has_tls else ""}"""
