"""A server's process: started, stopped and killed by its own id."""

import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path


class ServerProcess:
    """A command that serves once it has written `ready` to its log; it can be started again after its end.

    stops_by  the signal that asks it to end
    """

    def __init__(
        self, command: Sequence[str], log: Path, ready: str, stops_by: signal.Signals = signal.SIGTERM
    ) -> None:
        self._command = command
        self._ready = ready
        self._stops_by = stops_by
        self._process: subprocess.Popen[bytes] | None = None
        self._seen_bytes = 0
        self.log = log

    @property
    def pid(self) -> int | None:
        """The process id, None while it does not run."""
        return None if self._process is None else self._process.pid

    def launch(self) -> None:
        """Start the process and return at once."""
        if self._process is not None:
            raise RuntimeError(f"{self._command[0]} runs already, as process {self.pid}")
        with self.log.open("ab") as log:
            self._seen_bytes = log.tell()
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def wait(self, timeout_s: float = 180) -> None:
        """Return once it serves. Raises RuntimeError with its last words if it ends or takes longer."""
        deadline = time.monotonic() + timeout_s
        try:
            while self._ready not in (words := self._words()):
                if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self._command[0]} did not start: {words[-1500:]}")
                time.sleep(0.05)
        except BaseException:  # also an interrupt: no process is left behind
            self.kill()
            raise

    def start(self) -> None:
        """Start the process and return once it serves; nothing is left of it if that fails."""
        self.launch()
        self.wait()

    def stop(self, timeout_s: float = 20) -> None:
        """Ask the process to end, and kill it if it does not."""
        if self._process is not None:
            self._process.send_signal(self._stops_by)
            try:
                self._process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None

    def kill(self) -> None:
        """End the process as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _words(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._seen_bytes)
            return log.read().decode(errors="replace")
