"""ID tokens that do not hold: each is refused, whatever else is right."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import RSAAlgorithm
from starlette.testclient import TestClient

from services.api.sign_in.attempt import Attempt
from services.api.sign_in.id_token import CLOCKS_DIFFER_S
from tests.services.api.oidc.conftest import SignIn, come_back, leave
from tests.services.api.oidc.local_issuer import CLIENT, SUBJECT, LocalIssuer

REFUSED = "/#/sign-in/refused"
# An hour in which a busy machine comes to the last of the tests.
NOW_S, BUSY_S = int(time.time()), 3600

pytestmark = pytest.mark.usefixtures("ann")


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another try"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"aud": "somebody else", "azp": CLIENT},
        {"aud": [CLIENT, "somebody else"]},
        {"aud": [CLIENT, "somebody else"], "azp": "somebody else"},
        {"azp": "somebody else"},
        {"aud": None},
        {"iss": "https://login.example"},
        {"iss": None},
        {"exp": NOW_S - CLOCKS_DIFFER_S - 1},
        {"exp": None},
        {"exp": "never"},
        {"iat": NOW_S + CLOCKS_DIFFER_S + BUSY_S},
        {"iat": None},
        {"nbf": NOW_S + CLOCKS_DIFFER_S + BUSY_S},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": [SUBJECT]},
        {"sub": SUBJECT.upper() + " "},
    ],
    ids=" ".join,
)
def test_a_token_that_says_something_else_is_refused(
    claims: dict[str, Any], browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer
) -> None:
    local_issuer.behaviour.claims = claims

    assert sign_in(browser).headers["location"] == REFUSED
    assert browser.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(
    "claims", [{"aud": [CLIENT]}, {"aud": [CLIENT, "somebody else"], "azp": CLIENT}], ids=str
)
def test_a_token_may_be_for_others_too(
    claims: dict[str, Any], browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer
) -> None:
    local_issuer.behaviour.claims = claims

    assert sign_in(browser).headers["location"] == "/"


def test_clocks_may_differ(browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer) -> None:
    # As of now, not of when the tests were collected: a busy machine may run it a minute later.
    local_issuer.behaviour.claims = {"exp": int(time.time()) - CLOCKS_DIFFER_S // 2}

    assert sign_in(browser).headers["location"] == "/"


def with_token(browser: TestClient, issuer: LocalIssuer, header: dict[str, Any], key: Any) -> str:
    """Return where a browser is led with a token that is right but for its header and signature."""
    back = issuer.visit(leave(browser))
    nonce = Attempt(browser.cookies["screening-attempt"]).nonce
    claims = jwt.decode(issuer.signed(nonce), options={"verify_signature": False})
    issuer.behaviour.token = forged(header, claims, key)
    return str(come_back(browser, back).headers["location"])


def forged(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    if header["alg"] == "HS256":
        # PyJWT would not take a public key for a secret.
        parts = [
            base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in (header, claims)
        ]
        signature = hmac.digest(key, b".".join(parts), hashlib.sha256)
        return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()
    return jwt.encode(claims, key, header["alg"], header)


def test_a_token_that_nobody_signed_is_refused(browser: TestClient, local_issuer: LocalIssuer) -> None:
    header = {"alg": "none", "kid": local_issuer.key_id}

    assert with_token(browser, local_issuer, header, None) == REFUSED


def test_a_token_signed_with_the_public_key_is_refused(
    browser: TestClient, local_issuer: LocalIssuer
) -> None:
    public = local_issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    assert with_token(browser, local_issuer, {"alg": "HS256", "kid": local_issuer.key_id}, public) == REFUSED


def test_a_token_signed_with_a_secret_is_refused_even_if_it_is_published(
    browser: TestClient, local_issuer: LocalIssuer
) -> None:
    secret = b"a secret that everybody can read"
    encoded = base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
    local_issuer.keys.append({"kty": "oct", "alg": "HS256", "kid": "shared", "k": encoded})

    assert with_token(browser, local_issuer, {"alg": "HS256", "kid": "shared"}, secret) == REFUSED


def test_a_token_signed_with_another_key_is_refused(browser: TestClient, local_issuer: LocalIssuer) -> None:
    header = {"alg": "ES256", "kid": local_issuer.key_id}

    assert with_token(browser, local_issuer, header, ec.generate_private_key(ec.SECP256R1())) == REFUSED


@pytest.mark.lengthy
def test_an_issuer_may_sign_with_rsa(browser: TestClient, local_issuer: LocalIssuer) -> None:
    key = rsa.generate_private_key(65537, 2048)
    local_issuer.keys.append({**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "rsa"})

    assert with_token(browser, local_issuer, {"alg": "RS256", "kid": "rsa"}, key) == "/"


@pytest.mark.lengthy
def test_keys_are_asked_for_again_when_the_issuer_has_changed_them(
    browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer
) -> None:
    sign_in(browser)
    sign_in(browser)
    assert local_issuer.asked["/keys"] == 1
    local_issuer.rotate()

    assert sign_in(browser).headers["location"] == "/"
    assert local_issuer.asked["/keys"] == 2


@pytest.mark.lengthy
def test_keys_are_not_asked_for_again_and_again(
    browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer
) -> None:
    local_issuer.key_id = "not published"

    for _ in range(5):
        assert sign_in(browser).headers["location"] == REFUSED

    assert local_issuer.asked["/keys"] == 2
