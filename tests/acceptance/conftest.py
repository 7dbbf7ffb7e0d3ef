"""What all processes of these tests have in common."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_port_for_monitoring() -> Iterator[None]:
    """Have none listen on the port that is usual for probes and metrics: several run side by side."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CATENAE_HTTP_PORT", "0")
        yield
