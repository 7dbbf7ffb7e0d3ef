"""ID tokens: who has signed in at the issuer, signed by it for this server and this one try.

PyJWT checks signature, issuer, audience and times, and keeps the issuer's keys. Source of the rules: OpenID
Connect Core 1.0, 3.1.3.7.
"""

from collections.abc import Callable
from typing import Any

import jwt

from services.api.sign_in.accounts import LONGEST_SUBJECT
from services.api.sign_in.attempt import NotAccepted

# Only the issuer can sign with these: with a shared secret, or a public key taken for one, others could too.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
REQUIRED = ("iss", "sub", "aud", "exp", "iat", "nonce")
CLOCKS_DIFFER_S = 60


class _Keys(jwt.PyJWKClient):
    """The issuer's keys, kept for five minutes, and fetched for an unknown one at most twice a minute."""

    def __init__(self, address: str, fetch: Callable[[str], dict[str, Any]]) -> None:
        super().__init__(address, lifespan=300, cooldown_duration=30)
        self._fetch = fetch

    def fetch_data(self) -> Any:
        return self._fetch(self.uri)


class IdTokens:
    """Checks the tokens that an issuer makes for a client. Thread-safe."""

    def __init__(self, issuer: str, client: str, keys: str, fetch: Callable[[str], dict[str, Any]]) -> None:
        self._issuer = issuer
        self._client = client
        self._keys = _Keys(keys, fetch)

    def subject(self, token: Any, nonce: str) -> str:
        """Return whom the issuer has signed in; raise NotAccepted unless the token is for this nonce."""
        try:
            claims = jwt.decode(
                token,
                self._keys.get_signing_key_from_jwt(token),
                algorithms=ALGORITHMS,
                issuer=self._issuer,
                audience=self._client,
                leeway=CLOCKS_DIFFER_S,
                options={"require": list(REQUIRED)},
            )
        except jwt.PyJWTError as error:
            raise NotAccepted(f"the ID token does not hold: {type(error).__name__}") from error
        is_shared = claims["aud"] not in (self._client, [self._client])
        if claims.get("azp", None if is_shared else self._client) != self._client:
            raise NotAccepted("the ID token was made for another client")
        if claims["nonce"] != nonce:
            raise NotAccepted("the ID token was made for another try")
        subject: str = claims["sub"]
        if len(subject) > LONGEST_SUBJECT:
            raise NotAccepted("the ID token names nobody")
        return subject
