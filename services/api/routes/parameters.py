"""Parameters that several operations take."""

import re
from typing import Annotated

from fastapi import Header, Path

from services.api.answers import AlertAnswer
from services.api.encoded_path import Decoded

# What documents cannot be compared with never was a name.
NO_NUL = r"^[^\x00]+$"
# Of no record, so that it is nobody's latest.
_NONE = -1
_TAG = re.compile(r'(?:W/)?"(\d{1,9})"')

User = Annotated[Decoded, Path(min_length=1, max_length=200, pattern=NO_NUL)]
PostId = Annotated[Decoded, Path(min_length=1, max_length=200, pattern=NO_NUL)]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=50,
        description="The `ETag` of the alert as it was read. Without it nothing is compared.",
    ),
]


def tag(alert: AlertAnswer) -> str:
    """Return the `ETag` of an alert: it changes with its reviews, and not with its probability."""
    return f'"{alert.review_version}"'


def version_of(if_match: str | None) -> int | None:
    """Return of which version an `If-Match` speaks; None of whichever there is."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    return _NONE if found is None else int(found[1])
