"""What all tests share: real servers to lend, and a Hypothesis that is patient with a busy machine.

The profile "quick" looks at fewer examples, for `make test-fast`; `make test` at as many as ever, and
"thorough" at as many as somebody has the patience for.
"""

import gc

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.servers.fixtures"]

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("patient"), max_examples=15)
settings.register_profile("thorough", settings.get_profile("patient"), max_examples=1250)
settings.load_profile("patient")

# What is imported stays for good: to search it for cycles again and again took a seventh of the time.
gc.set_threshold(100_000, 50, 100)


def pytest_collection_finish() -> None:
    """Leave alone what there is by now."""
    gc.freeze()
