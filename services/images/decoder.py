"""The process that decodes, and what is believed of what it says: nothing but a thumbnail's size."""

import importlib.util
import select
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, cast

from catenae import ConfigError
from services.images.images import NoImage
from services.images.values import THUMBNAIL_BYTES

_PROGRAM = Path(__file__).with_name("decode.py")
_LENGTH_BYTES = 4
# Longer than it gives any file.
_PATIENCE_S = 20.0
# It may have ended before the file came, which is not to blame then.
_TRIES = 2
# What it may say of a file; anything else is a decoder that somebody else speaks for.
REASONS = frozenset(
    (
        "no JPEG, PNG or WebP",
        "too many pixels",
        "too small",
        "animated",
        "damaged",
        "took too long to decode",
    )
)


class Decoder:
    """Makes thumbnails of files, one at a time, in a process that knows nothing else. Thread-safe.

    It has neither this one's environment nor its files. One that ends is replaced with the next file.
    """

    def __init__(self) -> None:
        if importlib.util.find_spec("PIL") is None:
            raise ConfigError(
                "images are decoded by Pillow, which is not installed. Install the extra images"
            )
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def thumbnail(self, content: bytes) -> bytes:
        """Return the thumbnail of a file, bytes as `values.Thumbnail` has them; raise NoImage."""
        with self._lock:
            told = self._told(content)
        if told[:1] == b"+" and len(told) == 1 + THUMBNAIL_BYTES:
            return told[1:]
        reason = told[1:].decode("ascii", "replace")
        raise NoImage(reason if reason in REASONS else "damaged")

    def _told(self, content: bytes) -> bytes:
        """Return what is said of a file; nothing where who should say it ends over it twice."""
        for _ in range(_TRIES):
            try:
                return self._asked(content)
            except (OSError, EOFError):
                self._end()
        return b""

    def _asked(self, content: bytes) -> bytes:
        process = self._started()
        files, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        files.write(len(content).to_bytes(_LENGTH_BYTES, "big") + content)
        files.flush()
        if not select.select([answers], [], [], _PATIENCE_S)[0]:
            raise TimeoutError
        length = int.from_bytes(answers.read(_LENGTH_BYTES), "big")
        told = answers.read(length)
        if not told or len(told) != length:
            raise EOFError
        return told

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            # In a group of its own: Ctrl-C is not meant for it, and it ends with the pipe.
            self._process = subprocess.Popen(  # noqa: S603  this program
                [sys.executable, "-I", str(_PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                process_group=0,
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
