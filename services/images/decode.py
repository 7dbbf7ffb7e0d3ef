"""From a file that anybody may have made to a thumbnail: what runs in a process of its own.

A program by itself: it needs Pillow, nothing of this project, and is told nothing but files. Each comes on
standard input as its length, four bytes, and its content; an answer, framed alike, is "+" and a thumbnail, or
"-" and why there is none. Each is decoded in a child that has so much memory and time, and may open nothing;
what a file does to its decoder ends with it.

A thumbnail is SIDE × SIDE pixels of red, green and blue, a byte each, row by row: the whole image, squeezed
to a square, turned as its camera was held, on white. Nothing else of the file is in it.
"""

import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Mapping
from io import BytesIO

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

SIDE = 128
THUMBNAIL_BYTES = SIDE * SIDE * 3
LEAST_SIDE = 16
MOST_PIXELS = 25_000_000
# Of the child, whole: with an image of so many pixels twice in it.
MEMORY_BYTES = 512 * 2**20
CPU_S = 2
WALL_S = 10.0

DAMAGED, TOO_LONG = "damaged", "took too long to decode"
LENGTH = struct.Struct(">I")

_ORIENTATION = 0x0112
_TURNED: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_WHITE = (255, 255, 255, 255)


class Unfit(Exception):
    """A file of which no thumbnail is made; its text says why, in fixed words."""


def opener(content: bytes) -> Callable[[BytesIO], ImageFile]:
    """Return what reads a file, by how it begins, whatever it is called; raise Unfit for any other."""
    if content.startswith(b"\xff\xd8\xff"):
        return JpegImageFile
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WebPImageFile
    raise Unfit("no JPEG, PNG or WebP")


def thumbnail(content: bytes) -> bytes:
    """Return the thumbnail of a file; raise Unfit, or whatever comes of a file that is damaged."""
    with opener(content)(BytesIO(content)) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Unfit("too many pixels")
        if min(image.size) < LEAST_SIDE:
            raise Unfit("too small")
        if getattr(image, "is_animated", False):
            raise Unfit("animated")
        # A JPEG can be decoded at a fraction of its size.
        image.draft("RGB", (2 * SIDE, 2 * SIDE))
        image.load()
        turned = _turned(image)
        small = _plain(image).resize((SIDE, SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, _WHITE), small).convert("RGB")
    return (small if turned is None else small.transpose(turned)).tobytes()


def _turned(image: Image.Image) -> Image.Transpose | None:
    """Return how an image is to be turned; not at all where what says so is damaged."""
    try:
        return _TURNED.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001  whatever comes of reading it
        return None


def _plain(image: Image.Image) -> Image.Image:
    """Return an image as RGB, or RGBA where something shines through."""
    if image.mode.startswith("I"):
        # Sixteen bits of grey.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    wanted = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def answer(content: bytes) -> bytes:
    """Return the answer of a file."""
    try:
        return b"+" + thumbnail(content)
    except Unfit as unfit:
        return b"-" + str(unfit).encode()
    except MemoryError:
        return b"-too many pixels"
    # Decoders raise whatever they like.
    except Exception:  # noqa: BLE001
        return b"-" + DAMAGED.encode()


def answer_apart(content: bytes) -> bytes:
    """Return the answer of a file, made in a child that may do nothing else."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        _decode_and_end(content, sending)
    os.close(sending)
    told = _received(receiving, time.monotonic() + WALL_S)
    os.close(receiving)
    # Done, or no longer waited for.
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if told is None or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        return b"-" + TOO_LONG.encode()
    return told or b"-" + DAMAGED.encode()


def _decode_and_end(content: bytes, sending: int) -> None:
    try:
        os.close(0)
        os.close(1)
        for kind, limit in (
            (resource.RLIMIT_AS, MEMORY_BYTES),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, 0),
        ):
            resource.setrlimit(kind, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
        whole = memoryview(answer(content))
        while whole:
            whole = whole[os.write(sending, whole) :]
    finally:
        os._exit(0)


def _received(receiving: int, until_s: float) -> bytes | None:
    """Return what a child sends before it ends; None where that takes too long."""
    told = b""
    while len(told) <= THUMBNAIL_BYTES + 1:
        left_s = until_s - time.monotonic()
        if left_s <= 0 or not select.select([receiving], [], [], left_s)[0]:
            return None
        part = os.read(receiving, THUMBNAIL_BYTES + 2)
        if not part:
            return told
        told += part
    return b""


def warm_up() -> None:
    """Decode one of each kind, so that no child has a module to load."""
    for kind in ("JPEG", "PNG", "WebP"):
        file = BytesIO()
        held = Image.Exif()
        held[_ORIENTATION] = 1
        mode = "RGB" if kind == "JPEG" else "RGBA"
        Image.new(mode, (LEAST_SIDE, LEAST_SIDE)).save(file, kind, exif=held)
        thumbnail(file.getvalue())


def main() -> None:
    """Answer files until there are no more."""
    warm_up()
    files, answers = sys.stdin.buffer, sys.stdout.buffer
    while head := files.read(LENGTH.size):
        told = answer_apart(files.read(*LENGTH.unpack(head)))
        answers.write(LENGTH.pack(len(told)) + told)
        answers.flush()


if __name__ == "__main__":
    main()
