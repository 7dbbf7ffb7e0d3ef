"""How many brokers are to hold each record: what the URL says of it, and what topics are created with."""

from collections.abc import Mapping

from catenae.broker import Replication
from catenae.errors import ConfigError

FACTOR, LEAST_IN_SYNC = "replication.factor", "min.insync.replicas"


def replication_of(properties: Mapping[str, str]) -> Replication:
    """Read the properties. Raises `ConfigError`."""
    factor, least = (_number(properties, name) for name in (FACTOR, LEAST_IN_SYNC))
    if factor is not None and least is not None and least > factor:
        raise ConfigError(
            f"the Kafka property {LEAST_IN_SYNC} is {least}, of {factor} replicas by {FACTOR}: nothing "
            f"could ever be written. Give a smaller number, such as {max(1, factor - 1)}"
        )
    return Replication(factor, least)


def replication_settings(replication: Replication) -> dict[str, str]:
    """Return the settings that topics are created with beside their factor."""
    return {} if replication.least_in_sync is None else {LEAST_IN_SYNC: str(replication.least_in_sync)}


def _number(properties: Mapping[str, str], name: str) -> int | None:
    text = properties.get(name)
    if text is None:
        return None
    if not text.isdecimal() or not int(text):
        raise ConfigError(f"the Kafka property {name} takes a whole number of at least 1; its value is none")
    return int(text)
