"""How many examples a test looks at that needs more or fewer than others: by the profile of Hypothesis."""

from hypothesis import settings

# Of the profile that is used where none is named: see conftest.py.
WHOLE = 100


def share(wanted: int) -> int:
    """Return how many are looked at by the profile in use, of which `WHOLE` would look at `wanted`."""
    return max(2, wanted * settings().max_examples // WHOLE)
