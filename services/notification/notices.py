"""Notices of rises: the first at once, all that come soon after it in one."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus, urlsplit

from catenae import ConfigError, Message, Middle, State, Timers
from services.notification.values import Notice, Rise


class Notices(Middle):
    """Write a notice when alerts have risen into a band, and for `every_s` after it no other of that band.

    Reads `Rise`, writes `Notice`, both keyed by band. Rises that come meanwhile are counted, and are the next
    notice once that time is over.

    page      address of the web tool, which a notice leads to
    topology  what it says that it comes from
    """

    def __init__(
        self,
        waiting: State[dict[str, Any]],
        timers: Timers,
        page: str = "http://127.0.0.1:8080",
        topology: str = "depression",
        every_s: float = 900.0,
    ) -> None:
        if urlsplit(page).scheme not in ("http", "https"):
            raise ConfigError(
                f"option 'page' of Notices is {page!r}; give the web tool's address, http or https"
            )
        if not every_s > 0:
            raise ConfigError(f"option 'every_s' of Notices is {every_s}; give seconds, more than 0")
        self._waiting = waiting
        self._timers = timers
        self._page = page.rstrip("/")
        self._topology = topology
        self._every_s = every_s

    def transform(self, message: Message[Rise]) -> Iterator[Message[Notice]]:
        band, model = message.key, message.value["model"]
        if self._timers.moment_ms(band) is None:
            yield self._notice(message, 1, model, message.timestamp_ms)
        else:
            alerts = self._waiting.get(band, {"alerts": 0})["alerts"]
            self._waiting[band] = {"alerts": alerts + 1, "model": model}

    def wake(self, message: Message[str]) -> Iterator[Message[Notice]]:
        waiting = self._waiting.get(message.key)
        if waiting is not None:
            del self._waiting[message.key]
            yield self._notice(message, waiting["alerts"], waiting["model"], message.event_ms)

    def _notice(self, cause: Message, alerts: int, model: str, at_ms: int) -> Message[Notice]:
        """Return a notice, and begin the time in which there is no other."""
        band = cause.key
        self._timers.set(band, after_s=self._every_s)
        page = f"{self._page}/#/alerts?band={quote_plus(band)}"
        risen = "1 alert has" if alerts == 1 else f"{alerts} alerts have"
        subject = f"{self._topology}: {risen} risen to {band}"
        notice: Notice = {
            "topology": self._topology,
            "band": band,
            "alerts": alerts,
            "model": model,
            "at_ms": at_ms,
            "page": page,
            "subject": subject,
            "text": f"{subject}, by model {model}.\n\n{page}",
        }
        return cause.derive(notice)
