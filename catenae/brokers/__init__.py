"""Brokers by URL. Adding one is a file beside this one and a line in `_SCHEMES`."""

from collections.abc import Callable

from catenae.broker import AS_THE_BROKER_HAS_IT, Broker, Replication
from catenae.brokers.embedded import EmbeddedBroker
from catenae.brokers.kafka import open_kafka
from catenae.clock import Clock
from catenae.errors import ConfigError

_SCHEMES: dict[str, Callable[[str, Clock | None, float, Replication], Broker]] = {
    "embedded": lambda address, clock, lease_s, _: EmbeddedBroker(address, clock, lease_s),
    "kafka": open_kafka,
}


def open_broker(
    url: str,
    clock: Clock | None = None,
    lease_s: float = 5.0,
    replication: Replication = AS_THE_BROKER_HAS_IT,
) -> Broker:
    """Open the broker at `url`; `embedded:` alone is one in memory. Raises ConfigError for an unknown scheme.

    lease_s      seconds after which a silent member loses its partitions
    replication  of topics that are created, where the URL does not say it
    """
    scheme, _, address = url.partition(":")
    if scheme not in _SCHEMES:
        raise ConfigError(
            f"broker URL starts with {scheme!r}; known are {sorted(_SCHEMES)}, such as embedded:data/log"
        )
    return _SCHEMES[scheme](address, clock, lease_s, replication)
