"""An exception without its words: what was raised and where, but not the person's text it may quote.

`KeyError: 'ann'` or `ValueError: invalid literal: 'I feel ...'` must not reach a log. A dead letter
holds the message itself, so it keeps the words; here they are kept of a `CatenaeError` alone, whose texts
are free of personal data.
"""

import traceback
from collections.abc import Iterator

from catenae.errors import CatenaeError

MAX_FRAMES = 20


def describe(error: BaseException) -> dict[str, str]:
    """Return fields about `error`, each without a line break.

    error       the class of the error, with the classes of what caused it: "StoreError from OSError"
    message     what it says; only of a CatenaeError
    traceback   "file:line function" from the outermost to the innermost of the last MAX_FRAMES frames
    """
    fields = {"error": " from ".join(type(link).__name__ for link in _chain(error))}
    if isinstance(error, CatenaeError):
        fields["message"] = str(error)
    frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
    if frames:
        fields["traceback"] = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    return fields


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it was raised from or during, each once, as Python would print them."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
