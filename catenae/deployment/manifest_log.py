"""Where a topology's manifest is kept: a topic of one partition, beside the positions that it belongs to.

Each record holds a whole manifest and names the one that it follows. A record counts only if that one was the
current one when it was written; who loses such a race sees it and looks again. So no broker needs more for it
than what the contract promises of a partition: one order, the same for everybody, and nothing that goes away.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from catenae.broker import Broker, TopicSpec
from catenae.clock import Clock
from catenae.deployment.manifest import Manifest, manifest_of
from catenae.errors import BrokerUnavailable, UnknownTopic
from catenae.message import Record

SUFFIX = ".manifest"
READ_RECORDS = 100
LOOKS = 50
LOOK_EVERY_S = 0.2


class Revision(NamedTuple):
    """The current manifest and what it is known by; no manifest and "" where none was ever kept."""

    manifest: Manifest | None
    id: str


NONE = Revision(None, "")


class ManifestLog:
    """The manifests of one topology, the last of which counts. Thread-safe."""

    def __init__(self, broker: Broker, topology: str, clock: Clock) -> None:
        self.topology = topology
        self._broker = broker
        self._clock = clock
        self._topic = topology + SUFFIX

    def create(self) -> None:
        """Make a place for the manifest where there is none."""
        self._broker.create_topics([TopicSpec(self._topic, 1)])

    def read(self) -> Revision:
        """Return the current one. Raises `TopologyError` if a newer Catenae has written it."""
        current = NONE_YET
        for entry in self._entries():
            if entry["after"] == current["id"]:
                current = entry
        return Revision(manifest_of(current["manifest"]), current["id"]) if current["id"] else NONE

    def replace(self, found: Revision, manifest: Manifest) -> bool:
        """Keep `manifest` in place of what was found; return False, with nothing kept, if that has changed.

        Raises `BrokerUnavailable` while the broker does not say which of the two it was.
        """
        own = uuid.uuid4().hex
        entry = {"id": own, "after": found.id, "manifest": manifest.data()}
        self._broker.append([Record(self._topic, None, json.dumps(entry).encode(), partition=0)])
        for _ in range(LOOKS):
            current = ""
            for each in self._entries():
                is_next = bool(each["after"] == current)
                if each["id"] == own:
                    return is_next
                current = each["id"] if is_next else current
            self._clock.sleep(LOOK_EVERY_S)
        raise BrokerUnavailable(f"the broker has taken a manifest of {self.topology!r} and does not show it")

    def remove(self) -> None:
        """Remove all of it, the place included."""
        self._broker.delete_topics([self._topic])

    def _entries(self) -> Iterator[Mapping[str, Any]]:
        """Yield what was written, oldest first; what is none of ours is passed over."""
        try:
            start = self._broker.spans(self._topic)[0].start
        except UnknownTopic:
            return
        while records := self._broker.read(self._topic, 0, start, READ_RECORDS):
            for record in records:
                entry = _decoded(record.value)
                if entry is not None:
                    yield entry
            start = records[-1].offset + 1


NONE_YET: Mapping[str, Any] = {"id": "", "after": None, "manifest": None}


def topologies(broker: Broker) -> list[str]:
    """Return the names of the topologies that have a manifest on a broker."""
    return sorted(name.removesuffix(SUFFIX) for name in broker.topics() if name.endswith(SUFFIX))


def _decoded(value: bytes | None) -> Mapping[str, Any] | None:
    try:
        entry = json.loads(value or b"")
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and entry.keys() >= NONE_YET.keys() else None
