"""Times as people and programs write them, as seconds since 1970."""

import re
from datetime import UTC, datetime, timedelta

# With parts of one digit, and the sixtieth second that a day may have.
_LOOSE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?)?\s*(Z|UTC|GMT)?",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_MINUTE_S = 61


def seconds_of(text: str) -> float:
    """Return what a date and time stand for, on every machine the same; one without a zone is UTC.

    Raises ValueError for what is none.
    """
    try:
        written = _strictly(text.strip()) or _loosely(text.strip())
        return (written if written.tzinfo else written.replace(tzinfo=UTC)).timestamp()
    except OverflowError:
        raise ValueError("a time that no calendar has") from None


def _strictly(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _loosely(text: str) -> datetime:
    found = _LOOSE.fullmatch(text)
    if found is None:
        raise ValueError("not a time")
    year, month, day, hour, minute = (int(part or 0) for part in found.groups()[:5])
    second = float(found[6] or 0)
    if second >= _LONGEST_MINUTE_S:
        raise ValueError("a second that no minute has")
    return datetime(year, month, day, hour, minute, tzinfo=UTC) + timedelta(seconds=second)
