"""Signing in by OpenID Connect: the code flow with PKCE, at the one issuer that the operator trusts."""

import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from catenae import ConfigError, read_secret
from services.api.sign_in.attempt import Attempt
from services.api.sign_in.issuer_requests import IssuerFault, ask, is_https

SECRET_VARIABLE = "SCREENING_OIDC_SECRET"  # noqa: S105  the name of a variable
BY_HEADER = "client_secret_basic"
DISCOVERY = "/.well-known/openid-configuration"
# The issuer's configuration is read again after this, and after a failure not at once.
KNOWN_FOR_S = 3600
PAUSE_S = 5


@dataclass(frozen=True, slots=True)
class Client:
    """What this server is to the issuer; `secret` is empty where the issuer has given none."""

    issuer: str
    id: str
    secret: str = field(default="", repr=False)

    def proof(self, ways: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the form fields and the headers that prove it, in one of the ways that the issuer takes."""
        if not self.secret:
            return {"client_id": self.id}, {}
        if BY_HEADER not in ways:
            return {"client_id": self.id, "client_secret": self.secret}, {}
        pair = f"{quote(self.id, safe='')}:{quote(self.secret, safe='')}"
        return {}, {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def configured(issuer: str, client: str, environment: Mapping[str, str]) -> Client | None:
    """Return the client that options ask for, None for no such sign-in; raise ConfigError for unfit ones."""
    if not issuer and not client:
        return None
    if not issuer or not client:
        raise ConfigError(
            f"options of ApiServer are oidc_issuer={issuer!r} and oidc_client={client!r}; sign-in by OpenID "
            f"Connect takes both: the issuer's address, and what this server is called there"
        )
    return Client(checked_issuer(issuer), client, read_secret(environment, SECRET_VARIABLE))


def checked_issuer(issuer: str) -> str:
    """Return an issuer's address; raise ConfigError unless it is one that can be trusted."""
    if not is_https(issuer) or any(mark in issuer for mark in "?#@ "):
        raise ConfigError(
            f"{issuer!r} is no issuer of OpenID Connect that can be trusted; give its https address, just as "
            f"it names itself: https://host or https://host/path"
        )
    return issuer


class _Configuration(NamedTuple):
    authorisation: str
    token: str
    ways: Sequence[str]
    subject: Callable[[Any, str], str]


class Issuer:
    """The issuer, which is asked for nothing before the first sign-in. Thread-safe.

    tls  whose certificates are trusted; by default those that this machine trusts
    """

    def __init__(self, client: Client, now_s: Callable[[], float], tls: ssl.SSLContext | None = None) -> None:
        self._client = client
        self._now_s = now_s
        self._ask = partial(ask, tls=tls or ssl.create_default_context())
        self._lock = Lock()
        self._known: _Configuration | None = None
        self._known_until_s = 0.0
        self._next_try_s = 0.0

    @property
    def name(self) -> str:
        """Its address, which is half of an account's identity."""
        return self._client.issuer

    def address(self, attempt: Attempt, back: str) -> str:
        """Return where to send a browser, which comes back to the address `back`; raise IssuerFault."""
        endpoint = self._configuration().authorisation
        query = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": back,
            "scope": "openid",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"

    def subject(self, attempt: Attempt, code: str, back: str) -> str:
        """Return who has signed in there, for the code that came back; raise NotAccepted or IssuerFault."""
        configuration = self._configuration()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": attempt.verifier,
        }
        proof, headers = self._client.proof(configuration.ways)
        answer = self._ask(configuration.token, form=form | proof, headers=headers)
        return configuration.subject(answer.get("id_token"), attempt.nonce)

    def _configuration(self) -> _Configuration:
        with self._lock:
            now_s = self._now_s()
            if self._known is None or now_s >= self._known_until_s:
                if now_s < self._next_try_s:
                    raise IssuerFault("did not answer as it must a moment ago")
                self._next_try_s = now_s + PAUSE_S
                self._known = self._discovered()
                self._known_until_s = now_s + KNOWN_FOR_S
            return self._known

    def _discovered(self) -> _Configuration:
        # PyJWT and the cryptography under it take half a second to import, which only this sign-in needs.
        from services.api.sign_in.id_token import IdTokens  # noqa: PLC0415

        issuer = self._client.issuer
        found: dict[str, Any] = self._ask(issuer.rstrip("/") + DISCOVERY)
        if found.get("issuer") != issuer:
            raise IssuerFault("calls itself another issuer than the one that is configured")
        authorisation, token, keys = (
            found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        )
        if not all(is_https(address) for address in (authorisation, token, keys)):
            raise IssuerFault("names an address that is not https")
        id_tokens = IdTokens(issuer, self._client.id, str(keys), self._ask)
        ways = found.get("token_endpoint_auth_methods_supported") or [BY_HEADER]
        return _Configuration(str(authorisation), str(token), ways, id_tokens.subject)
