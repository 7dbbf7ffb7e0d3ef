"""What happened in a trial and when, for whoever has to understand it afterwards."""

import json
import time
from typing import IO


class Diary:
    """Writes each event as a line of JSON, with the seconds since it was begun."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._started_s = time.monotonic()

    @property
    def now_s(self) -> float:
        """Seconds since the diary was begun."""
        return time.monotonic() - self._started_s

    def write(self, event: str, **fields: object) -> None:
        line = {"at_s": round(self.now_s, 2), "event": event, **fields}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
