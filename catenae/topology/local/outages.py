"""What servers that are away the nodes wait for: told once when it begins, and once when it is over."""

from collections.abc import Iterable, Iterator, Mapping

from catenae.observability.multiprocess import NodeTotals

_SERVERS = {"BrokerUnavailable": "the broker", "StoreUnavailable": "the store"}


class Outages:
    """Compares each look at the figures with the one before."""

    def __init__(self) -> None:
        self._waits: Mapping[str, tuple[str, ...]] = {}

    def look(self, totals: Mapping[str, NodeTotals]) -> Iterator[str]:
        """Yield what an operator should know that was not so at the last look."""
        waits = {node: servers(each.waits_for) for node, each in totals.items()}
        for node, waits_for in waits.items():
            before = self._waits.get(node, ())
            for server in waits_for:
                if server not in before:
                    yield f"{node} waits for {server}, which does not answer; its log says more"
            if before and not waits_for:
                yield f"{node} goes on"
        self._waits = waits


def servers(reasons: Iterable[str]) -> tuple[str, ...]:
    """Return the servers that classes of error stand for, in words."""
    return tuple(sorted(_SERVERS.get(reason, reason) for reason in reasons))
