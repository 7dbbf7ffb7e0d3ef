"""What all processes of these tests have in common."""

from collections.abc import Iterator

import pytest

# Begun first by workers side by side, so that none of them is still at it when the others have nothing left.
LONGEST = ("test_crawl.py", "site", "test_run_reddit.py", "test_up.py", "test_chaos.py")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have one worker of several do a file as a whole, or all files of a group; the longest come first."""
    for each in items:
        if each.get_closest_marker("xdist_group") is None:
            each.add_marker(pytest.mark.xdist_group(each.path.name))
    items.sort(key=lambda each: group(each) not in LONGEST)


def group(test: pytest.Item) -> str:
    marker = test.get_closest_marker("xdist_group")
    return "" if marker is None else str(marker.args[0])


@pytest.fixture(scope="session", autouse=True)
def no_port_for_monitoring() -> Iterator[None]:
    """Have none listen on the port that is usual for probes and metrics: several run side by side."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CATENAE_HTTP_PORT", "0")
        yield
