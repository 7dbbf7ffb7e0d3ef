"""What an autoscaler remembers, where one that is killed finds it again; and the right to act, which one has.

autoscaler.json  the changes of before, and what an instance of each node can do
scalings.jsonl   every change, a line each, for people
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from catenae.errors import ConfigError
from catenae.private_files import open_private
from catenae.scaling.history import Change, History, Seen, Verdict
from catenae.topology.data_folder import DataFolder

KEPT = "autoscaler.json"
LOCK = "autoscaler.lock"
AUDIT = "scalings.jsonl"
_LONGEST_AUDIT_BYTES = 1 << 20


class Memory:
    """The memory in a data folder. Only whoever is `alone` may write it."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._serial = 0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the one that acts, until the block or the process ends, in whatever way.

        Raises `ConfigError` where another one is.
        """
        with self._folder.explaining():
            descriptor = open_private(self._folder.path / LOCK, os.O_RDWR | os.O_CREAT)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise ConfigError(
                    f"an autoscaler runs on data folder {str(self._folder.path)!r} already; stop that one, "
                    f"or look on with --dry-run"
                ) from error
            yield
        finally:
            os.close(descriptor)

    def recall(self) -> History:
        """Return what was kept; what only counts while it is looked at without a gap begins anew."""
        kept = self._folder.read(KEPT)
        changes = tuple(_change(each) for each in kept.get("changes", ()))
        self._serial = changes[-1].serial if changes else 0
        self._write_down([each for each in changes if each.serial > self._last_written()])
        seen = {
            node: Seen(rate_per_s=rates[0], usual_per_s=rates[1])
            for node, rates in kept.get("rates", {}).items()
        }
        return History(changes=changes, seen=seen)

    def keep(self, history: History) -> None:
        """Keep the history: before what it says was changed is, so that no change is unknown to it."""
        self._folder.write(
            KEPT,
            {
                "changes": [asdict(each) for each in history.changes],
                "rates": {node: [each.rate_per_s, each.usual_per_s] for node, each in history.seen.items()},
            },
        )
        self._write_down([each for each in history.changes if each.serial > self._serial])

    def _write_down(self, changes: list[Change]) -> None:
        file = self._folder.path / AUDIT
        with self._folder.explaining():
            if changes and file.exists() and file.stat().st_size > _LONGEST_AUDIT_BYTES:
                file.replace(file.with_suffix(".1.jsonl"))
            for change in changes:
                line = json.dumps(asdict(replace(change, verdict=Verdict.OPEN)))
                with os.fdopen(
                    open_private(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "a", encoding="utf-8"
                ) as written:
                    written.write(f"{line}\n")
                self._serial = change.serial

    def _last_written(self) -> int:
        """Return the serial of the last whole line: an autoscaler that was killed may have kept one more."""
        with self._folder.explaining():
            try:
                lines = (self._folder.path / AUDIT).read_text(encoding="utf-8").splitlines()
            except FileNotFoundError:
                return 0
        for line in reversed(lines):
            try:
                return int(json.loads(line)["serial"])
            except (ValueError, KeyError, TypeError):
                continue
        return 0


def _change(kept: dict[str, Any]) -> Change:
    return Change(**{**kept, "verdict": Verdict(kept["verdict"])})
