"""Control headers, and the seal by which they count on a topic that others write too.

A control header tells nodes what to do with a record, beside what it says: that a replay is for one node
only, that somebody is to be forgotten. Where nobody else may write, it counts as it stands. On an external
topic anybody could write one, so it counts only together with a seal: HMAC-SHA256, by a key that those who
may only write do not have, over topic, key, value and every control header.
"""

import hmac
from collections.abc import Callable
from hashlib import sha256

from catenae.codec import CONTENT_TYPE
from catenae.message import CONTROL, ERASED, Headers, Record
from catenae.runtime.dead_letters import FIRST_ID, ONLY_GROUP, PREFIX

SEAL = "seal"
KEY_BYTES = 32
_NAMES = frozenset({ONLY_GROUP, FIRST_ID, ERASED, SEAL})
_PREFIXES = (CONTROL, PREFIX)


def is_control(name: str) -> bool:
    """Say whether a header is one that counts from our own hand only."""
    return name in _NAMES or name.startswith(_PREFIXES)


def has_controls(headers: Headers) -> bool:
    """Say whether there is a control header among these."""
    return any(is_control(name) for name in headers)


class Seal:
    """Seals records and tells those that are. Thread-safe.

    key  returns the key of the deployment, which is asked for only once something is sealed or to be told
    """

    def __init__(self, key: Callable[[], bytes]) -> None:
        self._key = key

    def sealed(self, record: Record) -> Record:
        """Return a record that counts with its control headers; one without any as it is."""
        if not has_controls(record.headers):
            return record
        headers = {name: value for name, value in record.headers.items() if name != SEAL}
        return record._replace(headers={**headers, SEAL: self._over(record._replace(headers=headers))})

    def moved(self, record: Record, topic: str) -> Record:
        """Return a record as it is on another topic: control headers that count here count there."""
        other = record._replace(topic=topic)
        return self.sealed(other) if SEAL in record.headers and self.honoured(record) is record else other

    def honoured(self, record: Record) -> Record:
        """Return a record of an external topic with the control headers that count.

        All do under a seal that holds, none else. That nothing is left of an erased record anybody can see.
        """
        if record.headers.keys() == {ERASED} and record.key is None and record.value is None:
            return record
        given = record.headers.get(SEAL)
        if given is not None and hmac.compare_digest(given, self._over(record)):
            return record
        plain = {name: value for name, value in record.headers.items() if not is_control(name)}
        return record._replace(headers=plain)

    def _over(self, record: Record) -> bytes:
        said = {
            name: value
            for name, value in record.headers.items()
            if name != SEAL and (name == CONTENT_TYPE or is_control(name))
        }
        parts = [record.topic.encode(), record.key, record.value]
        parts += [part for name in sorted(said) for part in (name.encode(), said[name])]
        # Each with its length, so that no two records are the same bytes.
        told = b"".join(b"-" if part is None else b"%d:%b" % (len(part), part) for part in parts)
        return hmac.new(self._key(), told, sha256).digest()


def _no_key() -> bytes:
    raise RuntimeError("a runtime without a key was given a topic that others write")


NOBODYS = Seal(_no_key)
