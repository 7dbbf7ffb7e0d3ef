"""The record by which every node forgets a user."""

from typing import Any


def request(user: str) -> dict[str, Any]:
    """Return a request to forget; it names its user as both kinds of values do."""
    return {"user": user, "author": user, "forget": True}


def is_request(value: Any) -> bool:
    """Say whether a message's value is a request to forget."""
    return isinstance(value, dict) and value.get("forget") is True
