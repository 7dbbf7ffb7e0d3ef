"""What all processes of these tests have in common."""

from collections.abc import Iterator, Sequence

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Have one worker of several do a file as a whole, and all files of a group."""
    for each in items:
        if each.get_closest_marker("xdist_group") is None:
            each.add_marker(pytest.mark.xdist_group(each.path.name))


@pytest.fixture(scope="session", autouse=True)
def no_port_for_monitoring() -> Iterator[None]:
    """Have none listen on the port that is usual for probes and metrics: several run side by side."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CATENAE_HTTP_PORT", "0")
        yield
