"""The log of a service: each line knows the node and the message that is handled."""

import logging
import threading
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from catenae.message import Message


class Handling(threading.local):
    """Which message this thread's handler call is at; "" for none."""

    message_id: str = ""


class Noted(list[Message]):
    """Messages of a call; whoever goes through them notes at which one it is."""

    def __init__(self, messages: list[Message], handling: Handling) -> None:
        super().__init__(messages)
        self._handling = handling

    def __iter__(self) -> Iterator[Message]:
        for each in super().__iter__():
            self._handling.message_id = each.id
            yield each


class Log(logging.LoggerAdapter[logging.Logger]):
    """A logger to be asked for in a constructor: adds `node` and `message_id` to what `extra=` says.

    Give a fixed event and fields; never what a person wrote, or a name: see "Logs and privacy". In tests
    `Log()` is one without either.
    """

    def __init__(self, name: str = "service", node: str = "", handling: Handling | None = None) -> None:
        super().__init__(logging.getLogger(name))
        self._node = node
        self._handling = handling or Handling()

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Return the event with all of its fields."""
        said: Mapping[str, Any] = kwargs.get("extra") or {}
        known = {"node": self._node, "message_id": self._handling.message_id}
        kwargs["extra"] = {**{name: value for name, value in known.items() if value}, **said}
        return msg, kwargs
