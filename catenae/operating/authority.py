"""Who may write a topic from outside: what the topologies that run on a broker say of it."""

from collections.abc import Iterator

from catenae.broker import Broker
from catenae.clock import SystemClock
from catenae.deployment.control_log import topics_of
from catenae.deployment.manifest import Manifest
from catenae.deployment.manifest_log import SUFFIX as MANIFEST
from catenae.deployment.manifest_log import ManifestLog, topologies
from catenae.deployment.sealing import KEY_TOPIC
from catenae.errors import ConfigError
from catenae.runtime.dead_letters import SUFFIX


def require_open(broker: Broker, topic: str) -> None:
    """Raise `ConfigError` for a topic that only nodes of a topology write, naming those that are open.

    A topic that no topology knows is open, but for dead letters and what Catenae keeps for itself.
    """
    manifests = list(_manifests(broker))
    owners = sorted(
        each.topology for each in manifests if topic in each.topics and not each.topics[topic].is_open
    )
    kept = {KEY_TOPIC, *(each for name in topologies(broker) for each in topics_of(name))}
    if not owners and topic not in kept and not topic.endswith((SUFFIX, MANIFEST)):
        return
    open_topics = sorted(
        {name for each in manifests for name, kept in each.topics.items() if kept.is_open}
        - {name for each in manifests for name, kept in each.topics.items() if not kept.is_open}
    )
    whose = f"topology {owners[0]!r} alone writes" if owners else "Catenae alone writes"
    raise ConfigError(
        f"{whose} topic {topic!r}; from outside {', '.join(open_topics) or 'no topic'} may be written. Name "
        f"one of these, list the topic in Topology(external=...), or add --inner if you know what it does"
    )


def _manifests(broker: Broker) -> Iterator[Manifest]:
    for name in topologies(broker):
        found = ManifestLog(broker, name, SystemClock()).read().manifest
        if found is not None and not found.moved_to:
            yield found
