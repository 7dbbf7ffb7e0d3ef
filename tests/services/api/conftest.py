"""The API over documents and a broker in memory: people who never were, and a client for each role."""

from collections.abc import Iterator
from contextlib import closing
from typing import Protocol

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from catenae import Documents, Operations, open_documents
from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.testing import FakeClock
from services.api.answers import Role
from services.api.application import Application, application
from services.api.collaborators import Collaborators, Site, put_together
from services.api.sign_in.oidc import Issuer
from services.api.sign_in.passwords import Passwords
from tests.services.api.people import ORIGIN, PASSWORD, SAME_HOST
from topologies.depression import topology


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def broker(empty_broker: Broker) -> Broker:
    return empty_broker


@pytest.fixture(scope="session")
def empty_broker() -> Iterator[Broker]:
    """A broker for all tests that write to no topic."""
    with closing(open_broker("embedded:", FakeClock())) as opened:
        opened.create_topics(topology.topic_specs())
        yield opened


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """As weak as they come: what is tested is not how long they take."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("site")
    pages = folder / "pages"
    (pages / "assets").mkdir(parents=True)
    (pages / "index.html").write_text("<!doctype html><title>Screening</title>", "utf-8")
    (pages / "assets" / "app-1a2b.js").write_text("void 0", "utf-8")
    return Site((ORIGIN, SAME_HOST), folder / "model", pages)


@pytest.fixture
def issuer() -> Issuer | None:
    """None: nobody signs in elsewhere."""
    return None


@pytest.fixture
def here(
    site: Site,
    documents: Documents,
    broker: Broker,
    clock: FakeClock,
    passwords: Passwords,
    issuer: Issuer | None,
) -> Collaborators:
    operations = Operations(topology, broker, clock=clock)
    made = put_together(site, documents, operations, clock.now_s, passwords, issuer)
    for role in Role:
        made.accounts.add(f"the_{role}", role, PASSWORD, 0)
    return made


@pytest.fixture(scope="session")
def built(site: Site, empty_broker: Broker) -> Iterator[Application]:
    """Return the application, put together once; each test hands it its own collaborators."""
    with closing(open_documents("sqlite:")) as documents:
        yield application(put_together(site, documents, Operations(topology, empty_broker), lambda: 0.0))


class Client(Protocol):
    """Makes a client: signed in in a role, or not at all."""

    def __call__(self, role: Role | None = None) -> TestClient: ...


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """Return the one thread that all clients ask in: one for each request takes as long as the request."""
    with start_blocking_portal() as opened:
        yield opened


@pytest.fixture
def client(here: Collaborators, built: Application, portal: BlockingPortal) -> Iterator[Client]:
    built.state.collaborators = here
    opened: list[TestClient] = []

    def make(role: Role | None = None) -> TestClient:
        made = TestClient(built, base_url=ORIGIN, headers={"Origin": ORIGIN})
        made.portal = portal
        opened.append(made)
        if role is not None:
            # As somebody who has signed in: what signing in itself does is tested by itself.
            token = here.sessions.begin(f"the_{role}", here.now_ms())
            made.cookies.set(here.site.cookie, token, domain=made.base_url.host)
        return made

    yield make
    for each in opened:
        each.close()


@pytest.fixture
def reviewer(client: Client) -> TestClient:
    return client(Role.REVIEWER)


@pytest.fixture
def curator(client: Client) -> TestClient:
    return client(Role.CURATOR)


@pytest.fixture
def administrator(client: Client) -> TestClient:
    return client(Role.ADMINISTRATOR)
