"""An issuer that is away or not to be trusted, what is proved to it, and what operators may configure."""

import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from catenae import ConfigError
from catenae.testing import FakeClock
from services.api.sign_in import issuer_requests
from services.api.sign_in.issuer_requests import MOST_BYTES
from services.api.sign_in.oidc import (
    DISCOVERY,
    KNOWN_FOR_S,
    PAUSE_S,
    SECRET_VARIABLE,
    Client,
    Issuer,
    configured,
)
from tests.services.api.oidc.conftest import Exchange, SignIn, come_back, leave
from tests.services.api.oidc.local_issuer import CLIENT, LocalIssuer

UNREACHABLE = "/#/sign-in/unreachable"
SECRET = "s3cret/with+marks"

pytestmark = pytest.mark.usefixtures("ann")


def misbehaving(
    path: str, status: int = 200, body: bytes = b"", **headers: str
) -> Callable[[LocalIssuer], None]:
    """Return what makes an issuer answer a path with this."""
    return lambda issuer: issuer.behaviour.answers.update({path: (status, headers, body)})


def claiming(**configuration: Any) -> Callable[[LocalIssuer], None]:
    """Return what makes an issuer say this in its configuration."""
    return lambda issuer: issuer.behaviour.configuration.update(configuration)


@pytest.mark.parametrize(
    "misbehave",
    [
        claiming(issuer="https://login.example"),
        claiming(issuer=None),
        claiming(authorization_endpoint="http://127.0.0.1/authorise"),
        claiming(token_endpoint="http://127.0.0.1/token"),
        claiming(jwks_uri="http://127.0.0.1/keys"),
        claiming(jwks_uri="file:///etc/passwd"),
        claiming(token_endpoint=None),
        claiming(token_endpoint=7),
        claiming(token_endpoint="https://127.0.0.1/é"),
        misbehaving(DISCOVERY, 500),
        misbehaving(DISCOVERY, 302, Location="http://127.0.0.1:9/"),
        misbehaving(DISCOVERY, 200, b"<html>"),
        misbehaving(DISCOVERY, 200, b"\xff"),
        misbehaving(DISCOVERY, 200, b"[]"),
        misbehaving(DISCOVERY, 200, b"[" * 100_000),
    ],
)
def test_an_issuer_that_is_not_as_it_must_be_gets_nobody(
    misbehave: Callable[[LocalIssuer], None], browser: TestClient, local_issuer: LocalIssuer
) -> None:
    misbehave(local_issuer)

    assert leave(browser) == UNREACHABLE


def test_an_issuer_is_not_followed_elsewhere(browser: TestClient, local_issuer: LocalIssuer) -> None:
    misbehaving(DISCOVERY, 302, Location=f"{local_issuer.address}/elsewhere")(local_issuer)

    assert leave(browser) == UNREACHABLE
    assert local_issuer.asked["/elsewhere"] == 0


def test_an_issuer_that_hangs_is_not_waited_for(
    browser: TestClient, local_issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_requests, "TIMEOUT_S", 0.05)
    local_issuer.behaviour.hangs = threading.Event()

    assert leave(browser) == UNREACHABLE
    local_issuer.behaviour.hangs.set()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/keys", "file:///etc/hostname", "data:,{}", ""])
def test_nothing_is_asked_but_by_https(address: str, local_issuer: LocalIssuer) -> None:
    with pytest.raises(issuer_requests.IssuerFault, match="not https"):
        issuer_requests.ask(address, local_issuer.tls)


def test_an_answer_without_an_end_is_read_no_further(browser: TestClient, local_issuer: LocalIssuer) -> None:
    leave(browser)
    said = json.dumps({"issuer": local_issuer.address}).encode()
    misbehaving("/token", 200, said + b" " * MOST_BYTES)(local_issuer)

    assert come_back(browser, local_issuer.visit(leave(browser))).headers["location"] == UNREACHABLE


@pytest.mark.parametrize("path", ["/token", "/keys"])
@pytest.mark.parametrize("status", [302, 500])
def test_an_issuer_that_fails_on_the_way_back_signs_nobody_in(
    path: str, status: int, browser: TestClient, local_issuer: LocalIssuer, sign_in: SignIn
) -> None:
    misbehaving(path, status, Location=f"{local_issuer.address}{DISCOVERY}")(local_issuer)

    assert sign_in(browser).headers["location"] == UNREACHABLE
    assert browser.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize("body", [b"{}", b'{"id_token": 7}', b'{"id_token": "a.b.c"}', b'{"id_token": null}'])
def test_an_answer_without_a_token_signs_nobody_in(
    body: bytes, browser: TestClient, local_issuer: LocalIssuer, sign_in: SignIn
) -> None:
    misbehaving("/token", 200, body)(local_issuer)

    assert sign_in(browser).headers["location"] == "/#/sign-in/refused"


@pytest.mark.parametrize("body", [b"{}", b'{"keys": 7}', b'{"keys": []}', b'{"keys": [{"kty": "EC"}]}'])
def test_keys_that_are_none_sign_nobody_in(
    body: bytes, browser: TestClient, local_issuer: LocalIssuer, sign_in: SignIn
) -> None:
    misbehaving("/keys", 200, body)(local_issuer)

    assert sign_in(browser).headers["location"] == "/#/sign-in/refused"


def test_an_issuer_that_was_away_is_found_when_it_is_back_and_not_asked_meanwhile(
    browser: TestClient, local_issuer: LocalIssuer, clock: FakeClock
) -> None:
    misbehaving(DISCOVERY, 503)(local_issuer)
    for _ in range(3):
        assert leave(browser) == UNREACHABLE
    assert local_issuer.asked[DISCOVERY] == 1
    local_issuer.behaviour.answers.clear()
    clock.advance(PAUSE_S)

    assert leave(browser).startswith(f"{local_issuer.address}/authorise?")


def test_an_issuer_may_move_its_endpoints(
    browser: TestClient, local_issuer: LocalIssuer, clock: FakeClock
) -> None:
    leave(browser)
    claiming(authorization_endpoint=f"{local_issuer.address}/moved?tenant=a")(local_issuer)
    leave(browser)
    assert local_issuer.asked[DISCOVERY] == 1
    clock.advance(KNOWN_FOR_S)

    assert leave(browser).startswith(f"{local_issuer.address}/moved?tenant=a&response_type=code&")


def test_an_issuer_whose_certificate_nobody_vouches_for_gets_nobody(
    browser: TestClient, local_issuer: LocalIssuer, clock: FakeClock, exchange: Exchange
) -> None:
    exchange(Issuer(Client(local_issuer.address, CLIENT), clock.now_s))

    assert leave(browser) == UNREACHABLE


@pytest.mark.parametrize(
    "ways", [None, ["client_secret_post"], ["client_secret_post", "client_secret_basic"]]
)
def test_a_secret_is_proved_in_a_way_that_the_issuer_takes(
    ways: list[str] | None,
    browser: TestClient,
    local_issuer: LocalIssuer,
    clock: FakeClock,
    exchange: Exchange,
) -> None:
    local_issuer.behaviour.secret = SECRET
    claiming(token_endpoint_auth_methods_supported=ways)(local_issuer)
    found = []
    for secret in ("another", SECRET):
        exchange(Issuer(Client(local_issuer.address, CLIENT, secret), clock.now_s, local_issuer.tls))
        back = local_issuer.visit(leave(browser))
        found.append(come_back(browser, back).headers["location"])

    assert found == [UNREACHABLE, "/"]


def test_neither_secret_nor_token_nor_person_is_logged(
    browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    local_issuer.behaviour.subject = "somebody"
    with caplog.at_level(logging.DEBUG):
        back = local_issuer.visit(leave(browser))
        token = browser.cookies["screening-attempt"]
        come_back(browser, back)

    (record,) = (each for each in caplog.records if each.name == "services.api.routes.oidc")
    assert record.__dict__["reason"] == "no account that may sign in"
    own = [each for each in caplog.records if each.name.startswith(("services", "catenae", "jwt", "uvicorn"))]
    assert not any(word in str(each.__dict__) for word in ("somebody", token, "code=") for each in own)


@pytest.mark.parametrize(
    ("issuer", "client"),
    [
        ("http://login.example", CLIENT),
        ("http://127.0.0.1:8443", CLIENT),
        ("login.example", CLIENT),
        ("https://", CLIENT),
        ("https://[", CLIENT),
        ("https://login.example?tenant=a", CLIENT),
        ("https://ann:pw@login.example", CLIENT),
        ("https://login.example", ""),
        ("", CLIENT),
    ],
)
def test_an_issuer_that_cannot_be_trusted_is_refused_at_the_start(issuer: str, client: str) -> None:
    with pytest.raises(ConfigError):
        configured(issuer, client, {})


def test_the_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")

    client = configured("https://login.example/realm", CLIENT, {f"{SECRET_VARIABLE}_FILE": str(file)})

    assert client is not None
    assert client.secret == SECRET


def test_the_secret_comes_from_the_environment_and_is_not_shown() -> None:
    client = configured("https://login.example/realm", CLIENT, {SECRET_VARIABLE: SECRET})

    assert client is not None
    assert client.secret == SECRET
    assert SECRET not in repr(client)
    assert configured("", "", {SECRET_VARIABLE: SECRET}) is None
