"""Signing in at an issuer that listens on loopback, and a browser that goes there and comes back."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import httpx2
import pytest
from starlette.testclient import TestClient

from catenae.testing import FakeClock
from services.api.answers import Role
from services.api.application import Application
from services.api.collaborators import Collaborators
from services.api.origin import DEPARTURE
from services.api.sign_in.accounts import Identity
from services.api.sign_in.oidc import Client as IssuersClient
from services.api.sign_in.oidc import Issuer
from tests.services.api.conftest import Client
from tests.services.api.oidc.local_issuer import CLIENT, SUBJECT, LocalIssuer

# What a browser says of a step that a page of another site has led to.
FROM_ELSEWHERE = {
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}


@pytest.fixture(scope="session")
def serving_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalIssuer]:
    serving = LocalIssuer(tmp_path_factory.mktemp("issuer"))
    yield serving
    serving.close()


@pytest.fixture
def local_issuer(serving_issuer: LocalIssuer) -> LocalIssuer:
    serving_issuer.reset()
    return serving_issuer


@pytest.fixture
def issuer(local_issuer: LocalIssuer, clock: FakeClock) -> Issuer:
    return Issuer(IssuersClient(local_issuer.address, CLIENT), clock.now_s, local_issuer.tls)


@pytest.fixture
def ann(here: Collaborators, local_issuer: LocalIssuer) -> None:
    """Ann has an account, and the issuer signs her in."""
    here.accounts.add("ann", Role.CURATOR, Identity(local_issuer.address, SUBJECT), 0)


class Exchange(Protocol):
    """Has the server talk to its issuer in another way."""

    def __call__(self, issuer: Issuer) -> None: ...


@pytest.fixture
def exchange(here: Collaborators, built: Application) -> Exchange:
    def exchanged(issuer: Issuer) -> None:
        built.state.collaborators = replace(here, issuer=issuer)

    return exchanged


@pytest.fixture
def browser(client: Client) -> TestClient:
    made = client()
    made.follow_redirects = False
    # What a browser says with a change alone.
    del made.headers["Origin"]
    return made


class SignIn(Protocol):
    """Signs in at the issuer, and returns what the browser is answered when it is back."""

    def __call__(self, browser: TestClient) -> httpx2.Response: ...


@pytest.fixture
def sign_in(local_issuer: LocalIssuer) -> SignIn:
    def at_issuer(browser: TestClient) -> httpx2.Response:
        return come_back(browser, local_issuer.visit(leave(browser)))

    return at_issuer


def leave(browser: TestClient) -> str:
    """Begin, and return where the browser is sent."""
    answer = browser.get(DEPARTURE)
    assert answer.status_code == 303
    return answer.headers["location"]


def come_back(browser: TestClient, address: str) -> httpx2.Response:
    return browser.get(address, headers=FROM_ELSEWHERE)
