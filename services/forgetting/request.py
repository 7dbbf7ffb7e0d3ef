"""The record by which every node forgets a user.

It keeps its place among the user's other records, so what came before it is gone after it. What makes it a
request is a control header, which nobody outside of the deployment can give a record.
"""

from typing import Any

from catenae import CONTROL, Message

FORGET = f"{CONTROL}forget"
_SILENT = b"silent"


def request(user: str, position: Any = None, *, is_silent: bool = False) -> Message:
    """Return a request to forget; its value names the user as both kinds of values do.

    is_silent  until they write again, not for ever
    """
    headers = {FORGET: _SILENT if is_silent else b""}
    return Message({"user": user, "author": user}, user, headers=headers, position=position)


def is_request(message: Message) -> bool:
    """Say whether a message is a request to forget."""
    return bool(message.headers) and FORGET in message.headers


def is_for_ever(message: Message) -> bool:
    """Say whether who is to be forgotten is never to be taken up again."""
    return is_request(message) and message.headers[FORGET] != _SILENT
