"""Where Kafka is and how to get in: what the URL and the environment say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from catenae.broker import Replication
from catenae.brokers.kafka.replication import FACTOR, LEAST_IN_SYNC, replication_of
from catenae.errors import ConfigError
from catenae.host import is_host_with_port
from catenae.secret_files import read_secrets

PREFIX = "CATENAE_KAFKA_"
DEFAULT_PORT = 9092
EXAMPLE = "kafka://host:9092,host:9092?client=confluent&security.protocol=SASL_SSL"
CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Address:
    """Brokers to ask first, the client to use, and properties for it by their dotted names.

    client       "confluent" or "kafka-python"; empty for the best one installed
    properties   may hold credentials, so they are in no `repr`, error or log
    replication  of topics that are created
    """

    servers: str
    client: str = ""
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)
    replication: Replication = field(default_factory=Replication)

    @classmethod
    def parse(cls, address: str, environment: Mapping[str, str]) -> "Address":
        """Read `//host:port,…?property=value&…`; where the environment names a property too, the URL counts.

        `CATENAE_KAFKA_SASL_PASSWORD` is the property `sasl.password`, and `CATENAE_KAFKA_SASL_PASSWORD_FILE`
        the file that it is in. Raises ConfigError.
        """
        servers, _, query = address.removeprefix("//").partition("?")
        servers = servers.rstrip("/")
        if "@" in servers:
            raise ConfigError(
                f"the Kafka URL has credentials before its hosts; give them as {PREFIX}SASL_USERNAME and "
                f"{PREFIX}SASL_PASSWORD, or as ?sasl.username=…&sasl.password=…"
            )
        hosts = [host.strip() for host in servers.split(",")]
        if not address.startswith("//") or not all(is_host_with_port(each) for each in hosts):
            raise ConfigError(f"the Kafka URL names hosts {servers!r}; write it like {EXAMPLE}")
        properties = {
            name.lower().replace("_", "."): value for name, value in read_secrets(environment, PREFIX).items()
        }
        try:
            properties |= dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
        except ValueError as error:
            raise ConfigError(f"the Kafka URL has no name=value after its ?; write {EXAMPLE}") from error
        client = properties.pop(CLIENT, "")
        replication = replication_of(properties)
        for name in (FACTOR, LEAST_IN_SYNC):
            properties.pop(name, None)
        return cls(",".join(_with_port(host) for host in hosts), client, properties, replication)


def _with_port(host: str) -> str:
    return host if host.rpartition("]")[2].count(":") else f"{host}:{DEFAULT_PORT}"
