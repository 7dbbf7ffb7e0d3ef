"""Reddit's names, "t1_c0b6xx4" a comment and "t3_8gmf99" a submission, and the numbers they stand for.

Numbers rise with time. They are compared as numbers: as text, "t1_zzz" would be after "t1_1000".
"""

from services.reddit.records import Kind

PREFIXES: dict[Kind, str] = {"submission": "t3_", "comment": "t1_"}
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def number_of(name: str) -> int:
    """Return the number of a name, with its prefix or without; raise ValueError for what is none."""
    return int(name.rpartition("_")[2], 36)


def name_of(kind: Kind, number: int) -> str:
    """Return the name, prefix included, of a submission or comment."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return PREFIXES[kind] + (digits or "0")
