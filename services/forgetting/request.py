"""The record by which every node forgets a user, as the library has it; what it says besides is here.

It keeps its place among the user's other records, so what came before it is gone after it.
"""

from typing import Any

from catenae import FORGET, Message, forget_request

SILENT = "silent"


def request(user: str, position: Any = None, *, is_silent: bool = False) -> Message:
    """Return a request to forget; its value names the user as both kinds of values do.

    is_silent  until they write again, not for ever
    """
    value = {"user": user, "author": user}
    return forget_request(user, value, why=SILENT if is_silent else "", position=position)


def is_for_ever(request: Message) -> bool:
    """Say whether who is to be forgotten is never to be taken up again."""
    return request.headers[FORGET] != SILENT.encode()
