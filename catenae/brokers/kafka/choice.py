"""Which client is used: the one asked for, else confluent-kafka where it is installed, else kafka-python."""

from importlib.util import find_spec

from catenae.brokers.kafka.address import Address
from catenae.brokers.kafka.client import Client
from catenae.errors import ConfigError

# client → the module it needs, and how that is installed; the best one first.
_CLIENTS = {
    "confluent": ("confluent_kafka", "catenae[fast]"),
    "kafka-python": ("kafka", "catenae[kafka]"),
}


def open_client(address: Address, lease_s: float) -> Client:
    """Return a client for the address, not connected. Raises ConfigError if it is not installed."""
    name = address.client or next((each for each, (module, _) in _CLIENTS.items() if find_spec(module)), "")
    if not name:
        raise ConfigError(
            "Kafka needs a client, and none is installed; pip install 'catenae[fast]', or 'catenae[kafka]' "
            "where nothing can be built"
        )
    if name not in _CLIENTS:
        raise ConfigError(f"the Kafka URL has client={name!r}; known are {sorted(_CLIENTS)}")
    module, extra = _CLIENTS[name]
    if not find_spec(module):
        raise ConfigError(f"the Kafka client {name!r} is not installed; pip install '{extra}'")
    # Imported here because either client may be missing.
    if name == "confluent":
        from catenae.brokers.kafka.confluent.client import ConfluentClient  # noqa: PLC0415

        return ConfluentClient(address, lease_s)
    from catenae.brokers.kafka.kafka_python.client import KafkaPythonClient  # noqa: PLC0415

    return KafkaPythonClient(address, lease_s)
