"""How long tests wait for what is sure to come: until it hangs, and not until the machine is busy.

What has come is used at once, so a long patience costs time only where something has failed.
"""

import time
from collections.abc import Callable

PATIENCE_S = 180.0


def until(condition: Callable[[], object], every_s: float = 0.05, within_s: float = PATIENCE_S) -> None:
    """Return once the condition holds; fail when it does not come to that."""
    ends_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_s, f"it did not come within {within_s:g} s"
        time.sleep(every_s)
