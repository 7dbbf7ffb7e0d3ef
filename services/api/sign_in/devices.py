"""Browsers in which somebody has signed in before: what a stranger does elsewhere does not slow them.

A cookie of a random token says so, of which only the hash is kept. It opens nothing: whoever has it may try a
little more often, as that one account. Source: OWASP,
"Slow down online guessing attacks with device cookies".
"""

import secrets
from hashlib import sha256

from catenae import Documents

COLLECTION = "devices"
KEPT_MS = 90 * 24 * 3600 * 1000


class Devices:
    """All of them."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def find(self, token: str, name: str, now_ms: int) -> str | None:
        """Return the id of the device if the account has signed in there, None otherwise."""
        device = _hashed(token)
        found = self._documents.get(COLLECTION, device) if token else None
        is_known = found is not None and found["account"] == name and now_ms - found["since_ms"] < KEPT_MS
        return device if is_known else None

    def remember(self, token: str, name: str, now_ms: int) -> str:
        """Note that an account has signed in on a device; return the token that is its own from now on."""
        if self.find(token, name, now_ms) is None:
            self._documents.delete(COLLECTION, [_hashed(token)])
            token = secrets.token_urlsafe(32)
        self._documents.upsert(COLLECTION, [{"id": _hashed(token), "account": name, "since_ms": now_ms}])
        return token


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
