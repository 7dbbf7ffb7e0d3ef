"""Brokers by URL. Adding one is a file beside this one and a line in `_SCHEMES`."""

from collections.abc import Callable

from catenae.broker import Broker
from catenae.brokers.embedded import EmbeddedBroker
from catenae.brokers.kafka import open_kafka
from catenae.clock import Clock
from catenae.errors import ConfigError

_SCHEMES: dict[str, Callable[[str, Clock | None, float], Broker]] = {
    "embedded": EmbeddedBroker,
    "kafka": open_kafka,
}


def open_broker(url: str, clock: Clock | None = None, lease_s: float = 5.0) -> Broker:
    """Open the broker at `url`; `embedded:` alone is one in memory. Raises ConfigError for an unknown scheme.

    lease_s  seconds after which a silent member loses its partitions
    """
    scheme, _, address = url.partition(":")
    if scheme not in _SCHEMES:
        raise ConfigError(
            f"broker URL starts with {scheme!r}; known are {sorted(_SCHEMES)}, such as embedded:data/log"
        )
    return _SCHEMES[scheme](address, clock, lease_s)
