"""Pseudonyms: a keyed hash in place of a name. Without the key nobody can try names until one fits."""

import hmac
from hashlib import sha256

BYTES = 10


class Pseudonyms:
    """The same pseudonym for the same name, as long as the key is the same."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @property
    def mark(self) -> str:
        """What tells those of the same key, and nothing else."""
        return self._hashed("documents", "")

    def of_name(self, name: str) -> str:
        """Return what stands for a user."""
        return f"user_{self._hashed('user', name)}"

    def of_post(self, post_id: str) -> str:
        """Return what stands for a post; its kind, the prefix before the first _, stays."""
        kind, underscore, _ = post_id.partition("_")
        prefix = f"{kind}_" if underscore and kind in {"t1", "t3"} else ""
        return f"{prefix}{self._hashed('post', post_id)}"

    def _hashed(self, what: str, text: str) -> str:
        digest = hmac.new(self._key, f"{what}\0{text}".encode("utf-8", "surrogatepass"), sha256)
        return digest.hexdigest()[: 2 * BYTES]
