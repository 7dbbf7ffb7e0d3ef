"""What all tests share: real servers to lend, and a Hypothesis that is patient with a busy machine.

The profile "quick" looks at few examples, for `make test-fast`, and "usual" at more, for the rest of
`make test`; "patient" at as many as ever, and "thorough" at as many as somebody has the patience for.
"""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests.leftovers import ended_with_this_process
from tests.sharing import scope

pytest_plugins = ["tests.servers.fixtures"]

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("patient"), max_examples=15)
settings.register_profile("usual", settings.get_profile("patient"), max_examples=40)
settings.register_profile("thorough", settings.get_profile("patient"), max_examples=1250)
settings.load_profile("patient")

# What is imported stays for good: to search it for cycles again and again took a seventh of the time.
gc.set_threshold(100_000, 50, 100)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Have one of the workers do a scope as a whole, where that is asked for; the scopes are ours."""
    if config.getvalue("dist") != "loadscope":
        return None
    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = scope
    return scheduling


def pytest_collection_finish() -> None:
    """Leave alone what there is by now."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def nothing_left() -> Iterator[None]:
    """Leave no process behind, also where this one is killed."""
    with ended_with_this_process():
        yield
