"""Which nodes a person has paused: what the control channel says, read by whoever shows it."""

from collections.abc import Mapping
from threading import Lock

from catenae.clock import Clock
from catenae.deployment.control_acts import Pause, Request, Resume
from catenae.deployment.control_log import ControlLog, Requests
from catenae.errors import UnknownTopic
from catenae.topology.graph import Topology


class Pauses:
    """The pauses of whole nodes; that one of several instances is paused says that one alone. Thread-safe."""

    def __init__(self, topology: Topology, log: ControlLog, clock: Clock) -> None:
        self._nodes = [node.name for node in topology.nodes if not node.is_server]
        self._requests = Requests(log)
        self._clock = clock
        self._until_ms: dict[str, int] = {}
        self._lock = Lock()

    def look(self) -> Mapping[str, int]:
        """Return until when each node that is paused is, in milliseconds since 1970 UTC."""
        with self._lock:
            try:
                for found in self._requests.read():
                    if found.request is not None and not found.refusal and not found.request.instance:
                        self._take(found.request)
            except UnknownTopic:
                self._until_ms = {}
            now_ms = self._clock.now_s() * 1000
            return {node: until_ms for node, until_ms in self._until_ms.items() if until_ms > now_ms}

    def _take(self, request: Request) -> None:
        of = [node for node in self._nodes if request.node in {"", node}]
        match request.act:
            case Pause(for_s):
                self._until_ms.update(dict.fromkeys(of, request.at_ms + round(for_s * 1000)))
            case Resume():
                for node in of:
                    self._until_ms.pop(node, None)
