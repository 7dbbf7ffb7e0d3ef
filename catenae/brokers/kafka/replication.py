"""How many brokers are to hold each record: what the URL says of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from catenae.errors import ConfigError

FACTOR, LEAST_IN_SYNC = "replication.factor", "min.insync.replicas"


@dataclass(frozen=True, slots=True)
class Replication:
    """Of topics that are created; None leaves it to Kafka's own settings.

    factor         brokers that hold a partition
    least_in_sync  of these, how many must have a record before it counts as written
    """

    factor: int | None = None
    least_in_sync: int | None = None

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "Replication":
        """Read the properties. Raises `ConfigError`."""
        factor, least = (_number(properties, name) for name in (FACTOR, LEAST_IN_SYNC))
        if factor is not None and least is not None and least > factor:
            raise ConfigError(
                f"the Kafka property {LEAST_IN_SYNC} is {least}, of {factor} replicas by {FACTOR}: nothing "
                f"could ever be written. Give a smaller number, such as {max(1, factor - 1)}"
            )
        return cls(factor, least)

    @property
    def settings(self) -> dict[str, str]:
        """Return what topics are created with."""
        return {} if self.least_in_sync is None else {LEAST_IN_SYNC: str(self.least_in_sync)}


def _number(properties: Mapping[str, str], name: str) -> int | None:
    text = properties.get(name)
    if text is None:
        return None
    if not text.isdecimal() or not int(text):
        raise ConfigError(f"the Kafka property {name} takes a whole number of at least 1; its value is none")
    return int(text)
