"""Pseudonyms: a keyed hash in place of a name. Without the key nobody can try names until one fits."""

import hmac
import secrets
from hashlib import sha256

from catenae import Documents

COLLECTION = "secrets"
KEY = "pseudonym_key"
BYTES = 10


class Pseudonyms:
    """The same pseudonym for the same name, as long as the documents are kept."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of(cls, documents: Documents) -> "Pseudonyms":
        """Return those whose key is kept in the documents; the first who asks makes it."""
        documents.insert(COLLECTION, {"id": KEY, "value": secrets.token_hex(32)})
        kept = documents.get(COLLECTION, KEY)
        if kept is None:
            raise RuntimeError("the key of the pseudonyms was removed while it was made; start again")
        return cls(bytes.fromhex(kept["value"]))

    @property
    def mark(self) -> str:
        """What tells those who keep the same documents, and nothing else."""
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
