"""A try to sign in by OpenID Connect: what ties the way to the issuer and the way back to one browser."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256


class NotAccepted(Exception):
    """What a browser has brought back signs nobody in; says why, and nothing of what it was.

    account, subject  whom it concerns, as far as that is known for certain
    """

    def __init__(self, why: str, account: str = "", subject: str | None = None) -> None:
        self.account = account
        self.subject = subject
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one browser, which alone has the token, in a cookie.

    All that the browser must bring back follows from the token, so that nothing is kept here meanwhile.
    """

    token: str

    @classmethod
    def begin(cls) -> "Attempt":
        """Return a new one."""
        return cls(secrets.token_urlsafe(32))

    @property
    def nonce(self) -> str:
        """What the ID token must hold."""
        return self._derived("nonce")

    @property
    def state(self) -> str:
        """What the browser must come back with."""
        return self._derived("state")

    @property
    def verifier(self) -> str:
        """What the issuer must be told for the code, of which it knows the hash (RFC 7636)."""
        return self._derived("verifier")

    @property
    def challenge(self) -> str:
        """That hash."""
        return _text(sha256(self.verifier.encode()).digest())

    def has_state(self, state: str) -> bool:
        """Say whether this browser has begun what it comes back from."""
        return bool(self.token) and hmac.compare_digest(state.encode(), self.state.encode())

    def _derived(self, purpose: str) -> str:
        return _text(hmac.digest(self.token.encode(), purpose.encode(), "sha256"))


def _text(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
