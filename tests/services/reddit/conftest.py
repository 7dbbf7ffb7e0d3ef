"""A Reddit in memory, and a crawler that visits it."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from catenae import Documents, Store
from catenae.stores import open_documents, open_store
from catenae.testing import FakeClock
from tests.services.reddit.fake_reddit import FakeReddit, Visits


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(open_store("embedded:")) as opened:
        yield opened


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


@pytest.fixture
def reddit(clock: FakeClock) -> FakeReddit:
    return FakeReddit(clock)


@pytest.fixture
def visits(reddit: FakeReddit, store: Store, documents: Documents, clock: FakeClock) -> Visits:
    return Visits(reddit, store, documents, clock)
