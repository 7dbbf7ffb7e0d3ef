"""Brokers by URL. Adding one is a file beside this one and a line in `_SCHEMES`."""

from collections.abc import Callable
from importlib import import_module

from catenae.broker import AS_THE_BROKER_HAS_IT, Broker, Replication
from catenae.clock import Clock
from catenae.errors import ConfigError

# Where the function is that opens the part of the URL after the colon. Imported when asked for: every process
# of a topology has one broker, and pays at its start for what it imports.
_SCHEMES = {
    "embedded": "catenae.brokers.embedded:open_embedded",
    "kafka": "catenae.brokers.kafka:open_kafka",
}


# Those that are a `catenae.chain.ChainBroker`.
_CHAINING = frozenset({"embedded"})


def makes_chains(url: str) -> bool:
    """Say whether the broker at `url` can hand on what is not written yet; elsewhere nodes run apart."""
    return url.partition(":")[0] in _CHAINING


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
    module, _, function = _SCHEMES[scheme].partition(":")
    opener: Callable[[str, Clock | None, float, Replication], Broker]
    opener = getattr(import_module(module), function)
    return opener(address, clock, lease_s, replication)
