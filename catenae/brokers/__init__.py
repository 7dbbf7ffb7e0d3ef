"""Brokers by URL. Adding one is a file beside this one and a line in `_SCHEMES`."""

from collections.abc import Callable
from importlib import import_module

from catenae.broker import Broker
from catenae.clock import Clock
from catenae.errors import ConfigError

# Where the function is that opens the part of the URL after the colon. Imported when asked for: every process
# of a topology has one broker, and pays at its start for what it imports.
_SCHEMES = {
    "embedded": "catenae.brokers.embedded:EmbeddedBroker",
    "kafka": "catenae.brokers.kafka:open_kafka",
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
    module, _, function = _SCHEMES[scheme].partition(":")
    opener: Callable[[str, Clock | None, float], Broker] = getattr(import_module(module), function)
    return opener(address, clock, lease_s)
