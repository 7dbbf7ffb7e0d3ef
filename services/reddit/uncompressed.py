"""A compressed file as a byte stream: gzip, bzip2, xz or Zstandard, told by its first bytes."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple, Protocol

import zstandard

_LONGEST_WINDOW_BYTES = 2**31  # Reddit's monthly dumps are written with `zstd --long=31`
_READ_BYTES = 16 * 1024
# So little is uncompressed at once, to so much: what was made to grow is not to be had whole.
_FED_BYTES, _MOST_BYTES = 512, 2**20

DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError)


class Part(Protocol):
    """What uncompresses one of the parts that such a file is made of; most have one."""

    @property
    def eof(self) -> bool:
        """Whether the part is complete."""

    @property
    def needs_input(self) -> bool:
        """Whether all is handed out that can be of what it was given."""

    @property
    def unused_data(self) -> bytes:
        """What stands behind the part in the data that completed it."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return what the next bytes uncompress to, as far as that goes; raise one of DAMAGE."""


class _AtOnce:
    """A part that hands out all at once, which is not much: a byte of it becomes 32 KiB at most."""

    needs_input = True

    def __init__(self, part: Any) -> None:
        self._part = part

    @property
    def eof(self) -> bool:
        return bool(self._part.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._part.unused_data)

    def decompress(self, data: bytes, _: int) -> bytes:
        return bytes(self._part.decompress(data))


class Compression(NamedTuple):
    """How a kind of file is uncompressed. `padding`: what may stand between its parts and after them."""

    name: str
    part: Callable[[], Part]
    padding: bytes = b""


_ZSTD = Compression(
    "Zstandard",
    lambda: _AtOnce(zstandard.ZstdDecompressor(max_window_size=_LONGEST_WINDOW_BYTES).decompressobj()),
)
_GZIP = Compression("gzip", lambda: _AtOnce(zlib.decompressobj(wbits=31)), b"\0")
_BZIP2 = Compression("bzip2", bz2.BZ2Decompressor)
_XZ = Compression("xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ), b"\0")
_FIRST_BYTES = {
    b"\x1f\x8b": _GZIP,
    **{
        b"BZh%d%s" % (level, block): _BZIP2
        for level in range(1, 10)
        for block in (b"1AY&SY", b"\x17rE8P\x90")
    },
    b"\xfd7zXZ\0": _XZ,
    b"\x28\xb5\x2f\xfd": _ZSTD,
    **{bytes((0x50 + number,)) + b"\x2a\x4d\x18": _ZSTD for number in range(16)},  # a frame to be skipped
}
MOST_FIRST_BYTES = max(map(len, _FIRST_BYTES))


def compression_of(first: bytes) -> Compression | None:
    """Return how a file that begins so is uncompressed; None of a plain one."""
    return next((kind for begin, kind in _FIRST_BYTES.items() if first.startswith(begin)), None)


class Uncompressed(io.RawIOBase):
    """The uncompressed bytes of all parts of one file, in order. The file is the caller's to close.

    Reading raises one of DAMAGE at damage, and at an end that is none, after all that stands before it.
    """

    def __init__(self, file: BinaryIO, kind: Compression) -> None:
        super().__init__()
        self._file = file
        self._kind = kind
        self._part = kind.part()
        self._begin = file.tell()  # where the part begins
        self._given = 0  # of what it uncompresses to
        self._is_inside = False
        self._compressed = b""
        self._ready = memoryview(b"")
        self._damage: Exception | None = None

    def readable(self) -> bool:
        """Say that bytes can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the front of the writable `buffer`; return how many bytes, 0 at the end."""
        while not self._ready:
            if self._damage is not None:
                raise self._damage
            if self._part.needs_input:
                self._compressed = self._compressed or self._file.read(_READ_BYTES)
                if not self._compressed:
                    return self._finished()
            self._ready = memoryview(self._uncompress())
        target = memoryview(buffer)
        size = min(len(target), len(self._ready))
        target[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _uncompress(self) -> bytes:
        """Uncompress a little more, up to the end of a part or to the damage."""
        data = b""
        if self._part.needs_input:
            data, self._compressed = self._compressed[:_FED_BYTES], self._compressed[_FED_BYTES:]
        if not self._is_inside:
            data = data.lstrip(self._kind.padding)
            self._begin, self._given = self._file.tell() - len(self._compressed) - len(data), 0
            if not data:
                return b""
        self._is_inside = True
        try:
            uncompressed = self._part.decompress(data, _MOST_BYTES)
        except DAMAGE as error:
            self._damage = error
            return self._before_the_damage()
        self._given += len(uncompressed)
        if self._part.eof:
            self._compressed = self._part.unused_data + self._compressed
            self._part, self._is_inside = self._kind.part(), False
        return uncompressed

    def _before_the_damage(self) -> bytes:
        """Return what is left of the part before the damage: read once more, and byte by byte at the end."""
        read = self._file.tell()
        end, given = read - len(self._compressed), self._given
        part = self._kind.part()
        found: list[bytes] = []
        self._file.seek(self._begin)
        try:
            while (left := end - self._file.tell()) > 0:
                step = self._file.read(1 if left <= _FED_BYTES else min(_FED_BYTES, left - _FED_BYTES))
                for uncompressed in _all_of(part, step):
                    found.append(uncompressed[given:])
                    given = max(0, given - len(uncompressed))
        except DAMAGE:
            return b"".join(found)
        finally:
            self._file.seek(read)
        return b"".join(found)

    def _finished(self) -> int:
        if self._is_inside:
            raise EOFError(f"the {self._kind.name} data is cut short")
        return 0


def _all_of(part: Part, data: bytes) -> Iterator[bytes]:
    """Yield what a part makes of the next bytes, piece by piece."""
    yield part.decompress(data, _MOST_BYTES)
    while not part.needs_input and not part.eof:
        yield part.decompress(b"", _MOST_BYTES)
