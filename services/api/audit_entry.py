"""One entry of the audit log, for whoever adds one: people by the API, nodes, and the command line."""

import secrets
from typing import Any

from catenae import Document

COLLECTION = "audit"
COMMAND_LINE = "command line"


def entry(at_ms: int, account: str, action: str, *, number: int = 0, **fields: Any) -> Document:
    """Return an entry to be inserted.

    account  who did it, or what a node or the command line is called
    number   grows with the entries that one process adds in a millisecond
    fields   subject, the pseudonym of whom it is about; is_review; detail
    """
    return {
        # Sorts by time, within a millisecond as it came, and is nobody else's.
        "id": f"{at_ms:015}-{number:010}-{secrets.token_hex(4)}",
        "at_ms": at_ms,
        "account": account,
        "action": action,
        "subject": None,
        "is_review": False,
        "detail": {},
        **fields,
    }
