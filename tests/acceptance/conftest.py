"""What all processes of these tests have in common."""

from collections.abc import Iterator

import pytest

from tests.sharing import scope

# Begun first by workers side by side, so that none of them is still at it when the others have nothing left.
LONGEST = (
    "site",
    "test_forget.py",
    "test_up.py",
    "test_model_switch.py",
    "test_older_folder.py",
    "test_topic_stories.py",
    "test_replicas.py",
    "test_account_stories.py",
    "test_run_reddit.py",
    "test_description.py",
    "test_reload.py",
    "test_screening_stays_open.py",
    "test_hostile_terminal.py",
    "test_fuzz.py",
    "test_crawl.py",
    "test_autoscale.py",
    "test_endurance.py",
    "test_bluesky.py",
    "test_chaos.py",
)
# What is left of these is not for others of their scope to come upon: in this order after them.
LAST = ("test_hostile_posts.py", "test_outage.py")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda each: (turn(each), each.path.name in LAST, each.path.name == LAST[-1]))


def turn(test: pytest.Item) -> int:
    name = scope(test.nodeid).rpartition("/")[2]
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


@pytest.fixture(scope="session", autouse=True)
def no_port_for_monitoring() -> Iterator[None]:
    """Have none listen on the port that is usual for probes and metrics: several run side by side."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CATENAE_HTTP_PORT", "0")
        yield
