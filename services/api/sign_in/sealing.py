"""What the server has to read again and nobody else may: sealed by a key that is apart from the documents."""

import hmac
import secrets
from base64 import b64decode, b64encode

_NONCE_BYTES = 12


class Seal:
    """Seals short texts (AES-256-GCM), each for one owner: none opens for another, or under another key."""

    def __init__(self, key: bytes) -> None:
        # A key of its own for each purpose: the same one also makes pseudonyms.
        self._key = hmac.digest(key, b"sealed secrets", "sha256")

    def seal(self, text: str, owner: str) -> str:
        """Return what may lie with the documents."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  slow, and seldom needed

        nonce = secrets.token_bytes(_NONCE_BYTES)
        return b64encode(nonce + AESGCM(self._key).encrypt(nonce, text.encode(), owner.encode())).decode()

    def open(self, sealed: str, owner: str) -> str | None:
        """Return the text again; None if it was sealed for somebody else, under another key, or changed."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415  as above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        try:
            whole = b64decode(sealed, validate=True)
            nonce, rest = whole[:_NONCE_BYTES], whole[_NONCE_BYTES:]
            return AESGCM(self._key).decrypt(nonce, rest, owner.encode()).decode()
        except (InvalidTag, ValueError):
            return None
