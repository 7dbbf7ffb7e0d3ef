"""A small community whose time stands still."""

import pytest

from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import Community, Plan, generate
from services.reddit.demo.reddit import LocalReddit

SMALL = Plan(users=20, items=400, prolific=0, live=100, live_per_s=1.0)


@pytest.fixture(scope="session")
def small() -> Community:
    """Return a community that no test changes."""
    return generate(SMALL)


@pytest.fixture
def reddit() -> LocalReddit:
    """Return a Reddit of one's own, at the moment it opens."""
    return LocalReddit(generate(SMALL), Calendar(SMALL.opens_utc, speed=0))
