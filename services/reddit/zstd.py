"""A Zstandard file as a byte stream that notices its own truncation; `zstandard.stream_reader` does not."""

import io
from typing import Any, BinaryIO

import zstandard

_LONGEST_WINDOW_BYTES = 2**31  # Reddit's monthly dumps are written with `zstd --long=31`
_READ_BYTES = 16 * 1024


class ZstdReader(io.RawIOBase):
    """The uncompressed bytes of all frames of one file, in order. The file is the caller's to close.

    Reading raises OSError if the file cannot be read, zstandard.ZstdError on damage, EOFError on a frame cut
    short.
    """

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self._decompressor = zstandard.ZstdDecompressor(max_window_size=_LONGEST_WINDOW_BYTES)
        self._frame = self._decompressor.decompressobj()
        self._ready = memoryview(b"")
        self._inside_a_frame = False

    def readable(self) -> bool:
        """Say that bytes can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the front of the writable `buffer`; return how many bytes, 0 at the end."""
        while not self._ready:
            compressed = self._file.read(_READ_BYTES)
            if not compressed:
                return self._finished()
            self._ready = memoryview(self._decompress(compressed))
        target = memoryview(buffer)
        size = min(len(target), len(self._ready))
        target[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _decompress(self, compressed: bytes) -> bytes:
        parts = []
        while compressed:
            parts.append(self._frame.decompress(compressed))
            self._inside_a_frame = not self._frame.eof
            compressed = self._frame.unused_data
            if self._frame.eof:
                self._frame = self._decompressor.decompressobj()
        return b"".join(parts)

    def _finished(self) -> int:
        if self._inside_a_frame:
            raise EOFError("the Zstandard frame is cut short")
        return 0
