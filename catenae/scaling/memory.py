"""What an autoscaler remembers, where one that is killed finds it again; and the right to act, which one has.

autoscaler.json  the changes of before, and what an instance of each node can do
scalings.jsonl   every change, a line each, for people
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from catenae.deployment.data_folder import DataFolder
from catenae.errors import ConfigError
from catenae.private_files import open_private
from catenae.scaling.history import Change, History, Seen, Verdict

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
        rates = kept.get("rates", {})
        seen = {node: Seen(rate_per_s=now, usual_per_s=usual) for node, (now, usual) in rates.items()}
        history = History(changes=tuple(map(_change, kept.get("changes", ()))), seen=seen)
        self._serial = self._last_written()
        self._write_down(history)
        return history

    def keep(self, history: History) -> None:
        """Keep the history; to be called before what it says was changed is, so that it knows of all."""
        rates = {node: [each.rate_per_s, each.usual_per_s] for node, each in history.seen.items()}
        self._folder.write(KEPT, {"changes": [asdict(each) for each in history.changes], "rates": rates})
        self._write_down(history)

    def _write_down(self, history: History) -> None:
        changes = [each for each in history.changes if each.serial > self._serial]
        if not changes:
            return
        file = self._folder.path / AUDIT
        with self._folder.explaining():
            if file.exists() and file.stat().st_size > _LONGEST_AUDIT_BYTES:
                file.replace(file.with_suffix(".1.jsonl"))
            descriptor = open_private(file, os.O_RDWR | os.O_APPEND | os.O_CREAT)
            with os.fdopen(descriptor, "a+b") as written:
                written.seek(max(0, written.seek(0, os.SEEK_END) - 1))
                # A line that was torn off stays one of its own.
                lines = [b"" if written.read() in (b"", b"\n") else b"\n"]
                lines += [f"{json.dumps(_said(each))}\n".encode() for each in changes]
                written.write(b"".join(lines))
        self._serial = changes[-1].serial

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


def _said(change: Change) -> dict[str, Any]:
    """Return what is known of a change when it is made."""
    names = ("serial", "at_s", "node", "before", "after", "reason")
    return {name: getattr(change, name) for name in names}


def _change(kept: dict[str, Any]) -> Change:
    return Change(**{**kept, "verdict": Verdict(kept["verdict"])})
