"""The end of an error about a name: the right names, the nearest one first."""

import difflib
from collections.abc import Iterable


def suggestion(found: str, known: Iterable[str]) -> str:
    """Return "did you mean 'x'?" if a known name is near, and all the known names in any case."""
    names = sorted(known)
    if not names:
        return "there are none"
    listed = "known: " + ", ".join(names)
    near = difflib.get_close_matches(found, names, n=1)
    return f"did you mean {near[0]!r}? ({listed})" if near else listed
