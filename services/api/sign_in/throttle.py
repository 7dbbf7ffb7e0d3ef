"""How often somebody may try to sign in: failures make the next try wait, twice as long each time.

Counted in the documents, so that all replicas count together. What is counted is named by a hash.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from catenae import Between, Documents
from services.api.paging import every

COLLECTION = "failed_tries"
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 900.0
FORGOTTEN_AFTER_S = 3600.0
# Of each the failures that cost nothing: a person mistypes; many people share an address; and an account that
# is tried from everywhere is slowed only late, or anybody could keep its owner out.
FREE_BY_PAIR, FREE_BY_ADDRESS, FREE_BY_NAME = 4, 20, 100
FREE_BY_DEVICE = 10
SWEEP_EVERY_S = 600.0
_AT_ONCE = 1000
# A replica that counts at the same moment has been first; that is so a few times in a row at most.
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Try:
    """What a try counts against, with the failures that are free.

    own     ends with a success
    shared  is of others too, and only has the one try taken back
    """

    own: Mapping[str, int]
    shared: Mapping[str, int]

    @classmethod
    def of_stranger(cls, name: str, address: str) -> "Try":
        """Return that of a browser in which the name has not signed in before."""
        shared = {_named("address", address): FREE_BY_ADDRESS, _named("name", name): FREE_BY_NAME}
        return cls({_named("pair", name, address): FREE_BY_PAIR}, shared)

    @classmethod
    def of_device(cls, device: str) -> "Try":
        """Return that of a browser in which the name has signed in before: no stranger slows it."""
        return cls({_named("device", device): FREE_BY_DEVICE}, {})

    @classmethod
    def of_arrival(cls, address: str) -> "Try":
        """Return that of somebody who comes back from an issuer."""
        return cls({}, {_named("arrival", address): FREE_BY_ADDRESS})

    @classmethod
    def of_codes(cls, name: str) -> "Try":
        """Return that of somebody who knows the account's password, and says a code of its second factor.

        No stranger comes so far. A million codes are few, so that where one comes from counts for nothing.
        """
        return cls({_named("codes", name): FREE_BY_PAIR}, {})

    @classmethod
    def of_session(cls, session: str) -> "Try":
        """Return that of somebody who is signed in and says their password again."""
        return cls({_named("session", session): FREE_BY_PAIR}, {})


class Throttle:
    """Remembers failures. Thread-safe."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._swept_s = 0.0

    def prepare(self) -> None:
        """Create what makes looking failures up fast."""
        self._documents.ensure_index(COLLECTION, ["key", "number"])
        self._documents.ensure_index(COLLECTION, ["last_s"])

    def wait_s(self, of: Try, now_s: float) -> float:
        """Return how long a try has to wait; 0 if it may be made, and then it counts as failed until told."""
        self._sweep(now_s)
        limits = {**of.own, **of.shared}
        for _ in range(_ROUNDS):
            known = {key: self._known(key, now_s) for key in limits}
            wait_s = max(float(found["next_s"]) - now_s for found in known.values())
            if wait_s > 0:
                return wait_s
            if all(self._note(key, known[key]["number"] + 1, free, now_s) for key, free in limits.items()):
                return 0.0
        return FIRST_PAUSE_S

    def succeeded(self, of: Try) -> None:
        """Forget the failures of somebody who has signed in; those of others stay."""
        for key in of.own:
            self._forget(key)
        self._take_back(of.shared)

    def undecided(self, of: Try) -> None:
        """Take a try back that was neither a failure nor a success: what was counted before it stays."""
        self._take_back([*of.own, *of.shared])

    def _take_back(self, keys: Iterable[str]) -> None:
        for key in keys:
            last = self._last(key)
            if last is not None:
                self._documents.delete(COLLECTION, [last["id"]])

    def _last(self, key: str) -> Mapping[str, Any] | None:
        found = self._documents.find(COLLECTION, {"key": key}, sort="number", descending=True, limit=1)
        return next(iter(found.documents), None)

    def _known(self, key: str, now_s: float) -> Mapping[str, Any]:
        found = self._last(key)
        if found is not None and now_s - found["last_s"] <= FORGOTTEN_AFTER_S:
            return found
        if found is not None:
            self._forget(key)
        return {"number": 0, "next_s": now_s}

    def _note(self, key: str, count: int, free: int, now_s: float) -> bool:
        """Count a failure; say whether no other replica has counted one of this number."""
        pause_s = (
            min(FIRST_PAUSE_S * 2.0 ** min(count - free - 1, 30), LONGEST_PAUSE_S) if count > free else 0.0
        )
        counted = {"key": key, "number": count, "next_s": now_s + pause_s, "last_s": now_s}
        return self._documents.insert(COLLECTION, {"id": f"{key}-{count}", **counted})

    def _forget(self, key: str) -> None:
        found = [each["id"] for each in every(self._documents, COLLECTION, {"key": key}, fields=["id"])]
        self._documents.delete(COLLECTION, found)

    def _sweep(self, now_s: float) -> None:
        """Remove every now and then what is forgotten by its time."""
        if now_s - self._swept_s < SWEEP_EVERY_S:
            return
        self._swept_s = now_s
        old = {"last_s": Between(None, now_s - FORGOTTEN_AFTER_S)}
        while found := self._documents.find(COLLECTION, old, fields=["id"], limit=_AT_ONCE).documents:
            self._documents.delete(COLLECTION, [each["id"] for each in found])


def _named(*what: str) -> str:
    return sha256("\0".join(what).encode("utf-8", "surrogatepass")).hexdigest()[:32]
