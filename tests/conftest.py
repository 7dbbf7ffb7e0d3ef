"""What all tests share: real servers to lend, and a Hypothesis that is patient with a busy machine.

The profile "quick" looks at fewer examples, for `make test-fast`; `make test` at as many as ever.
"""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.servers.fixtures"]

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("patient"), max_examples=25)
settings.load_profile("patient")
