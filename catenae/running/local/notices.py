"""What an operator should know of a running topology: the last few things, each told once."""

from collections import deque

KEPT = 5


class Notices:
    """Texts, oldest first; `count` is how many there have been since the start."""

    def __init__(self) -> None:
        self.count = 0
        self._texts: deque[str] = deque(maxlen=KEPT)
        self._waiting: dict[str, str] = {}

    @property
    def texts(self) -> tuple[str, ...]:
        """The last ones."""
        return tuple(self._texts)

    def add(self, text: str) -> None:
        """Tell something."""
        self._texts.append(text)
        self.count += 1

    def waits(self, who: str, for_what: str) -> None:
        """Tell what somebody waits for, once, until it waits for nothing, which is ""."""
        if for_what and not self._waiting.get(who):
            self.add(f"{who} waits: {for_what}")
        self._waiting[who] = for_what
