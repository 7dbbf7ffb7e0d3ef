"""Files that say they are images: some are, some are something else, some do harm to who decodes them."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image

PNG = b"\x89PNG\r\n\x1a\n"
NOT_ONE = "no JPEG, PNG or WebP"
# A thumbnail is passed on: of what a file has beside its pixels nothing is in it.
THUMBNAIL = ""

Rows = list[tuple[bytes, bytes]]


def image(kind: str, size: tuple[int, int] = (160, 120), mode: str = "RGB", **options: Any) -> bytes:
    """Return a file of a red image with a green corner."""
    red = Image.new("RGB", size, (200, 30, 20))
    red.paste((20, 180, 40), (0, 0, size[0] // 2, size[1] // 2))
    return file_of(red.convert(mode), kind, **options)


def file_of(drawn: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    drawn.save(file, kind, **options)
    return file.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *chunks: tuple[bytes, bytes], colour: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IEND", b"")]
    return PNG + b"".join(chunk(*each) for each in parts)


def pixels(width: int, height: int, channels: int = 3) -> bytes:
    """Return black lines, packed, without ever being so many bytes."""
    packing = zlib.compressobj(9)
    line = b"\0" * (1 + width * channels)
    return b"".join(packing.compress(line) for _ in range(height)) + packing.flush()


def zeros(count: int) -> bytes:
    packing = zlib.compressobj(9)
    return b"".join(packing.compress(b"\0" * 2**20) for _ in range(count // 2**20)) + packing.flush()


def with_size(jpeg: bytes, width: int, height: int) -> bytes:
    """Return a JPEG that says it is of another size."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def frames(kind: str, **options: Any) -> bytes:
    one, two = (Image.new("RGB", (64, 64), colour) for colour in ("red", "blue"))
    return file_of(one, kind, save_all=True, append_images=[two], **options)


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("payload.js", "alert(1)")
    return file.getvalue()


def webp_of(width: int, height: int) -> bytes:
    """Return a WebP whose canvas is as large as that, with little on it."""
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    extended = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas
    body = b"WEBP" + extended + image("WebP")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def many_scans(scans: int) -> bytes:
    """Return a progressive JPEG that has its last scan over and over, each over all of its pixels."""
    whole = image("JPEG", (4800, 4800), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * scans + whole[-2:]


def turning_exif() -> bytes:
    """Return a directory of EXIF that is followed by itself, and points outside of the file."""
    entry = struct.pack("<HHI4s", 0x0112, 3, 2**31, b"\xff\xff\xff\x7f")
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 8)


def exif(orientation: int) -> bytes:
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x010E] = "of somebody"
    return found.tobytes()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>fetch("http://127.0.0.1/")</script></svg>'
ENTITY = b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'
HTML = b"<!doctype html><img src=x onerror=alert(1)>"

# Each file, and what becomes of it.
FILES: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", NOT_ONE),
    "a byte": (lambda: b"\xff", NOT_ONE),
    "zeros": (lambda: b"\0" * 4096, NOT_ONE),
    "text": (lambda: b"#!/bin/sh\nrm -rf /\n", NOT_ONE),
    "svg": (lambda: SVG, NOT_ONE),
    "svg with an entity": (lambda: ENTITY, NOT_ONE),
    "svg in UTF-16": (lambda: SVG.decode().encode("utf-16"), NOT_ONE),
    "svgz": (lambda: gzip.compress(SVG), NOT_ONE),
    "html": (lambda: HTML, NOT_ONE),
    "html that begins as JPEG": (lambda: b"\xff\xd8\xff" + HTML, "damaged"),
    "html that begins as PNG": (lambda: PNG + HTML, "damaged"),
    "svg that begins as WebP": (lambda: b"RIFF\0\0\0\0WEBP" + SVG, "damaged"),
    "gif": (lambda: image("GIF"), NOT_ONE),
    "moving gif": (lambda: frames("GIF"), NOT_ONE),
    "bmp": (lambda: image("BMP"), NOT_ONE),
    "tiff": (lambda: image("TIFF"), NOT_ONE),
    "ico": (lambda: image("ICO"), NOT_ONE),
    "eps": (lambda: image("EPS"), NOT_ONE),
    "pdf": (lambda: image("PDF"), NOT_ONE),
    "avif by its name": (lambda: b"\0\0\0\x1cftypavif" + b"\0" * 64, NOT_ONE),
    "sound": (lambda: b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 64, NOT_ONE),
    "zip": (zipped, NOT_ONE),
    "JPEG, its beginning": (lambda: b"\xff\xd8\xff", "damaged"),
    "PNG, its beginning": (lambda: PNG, "damaged"),
    "WebP, its beginning": (lambda: b"RIFF\0\0\0\0WEBP", "damaged"),
    "half a JPEG": (lambda: image("JPEG")[:600], "damaged"),
    "half a PNG": (lambda: image("PNG")[:200], "damaged"),
    "half a WebP": (lambda: image("WebP")[:100], "damaged"),
    "JPEG and zeros": (lambda: image("JPEG")[:20] + b"\0" * 4096, "damaged"),
    "PNG with a wrong sum": (lambda: image("PNG").replace(b"IDAT", b"IDAU"), "damaged"),
    "PNG without pixels": (lambda: png(64, 64), "damaged"),
    "PNG of rubbish": (lambda: png(64, 64, (b"IDAT", b"rubbish" * 50)), "damaged"),
    "PNG with a chunk of 4 GB": (lambda: PNG + b"\xff\xff\xff\xffIHDR" + b"\0" * 64, "damaged"),
    "PNG without its palette": (lambda: png(64, 64, (b"IDAT", pixels(64, 64, 1)), colour=3), "damaged"),
    "PNG with too many pixels": (
        lambda: png(6000, 5000, (b"IDAT", pixels(6000, 5000, 1)), colour=0),
        "too many pixels",
    ),
    "PNG that says it is endless": (lambda: png(2**31 - 1, 2**31 - 1, (b"IDAT", b"")), "too many pixels"),
    "PNG without a side": (lambda: png(0, 64, (b"IDAT", b"")), "damaged"),
    "PNG of one line": (lambda: png(1, 2_000_000, (b"IDAT", b"")), "too small"),
    "PNG with pixels beyond its own": (lambda: png(64, 64, (b"IDAT", zeros(2**25))), THUMBNAIL),
    "PNG with a text of 32 MB": (
        lambda: png(64, 64, (b"zTXt", b"a\0\0" + zeros(2**25)), (b"IDAT", pixels(64, 64))),
        "damaged",
    ),
    "PNG with colours of 32 MB": (
        lambda: png(64, 64, (b"iCCP", b"a\0\0" + zeros(2**25)), (b"IDAT", pixels(64, 64))),
        "damaged",
    ),
    "PNG with 10,000 texts": (
        lambda: png(64, 64, *[(b"tEXt", b"a\0b")] * 10_000, (b"IDAT", pixels(64, 64))),
        THUMBNAIL,
    ),
    "moving PNG": (lambda: frames("PNG"), "animated"),
    "moving WebP": (lambda: frames("WebP"), "animated"),
    "JPEG that says it is large": (lambda: with_size(image("JPEG"), 65_000, 65_000), "too many pixels"),
    "JPEG that says it is larger": (lambda: with_size(image("JPEG"), 4000, 4000), THUMBNAIL),
    "WebP on a large canvas": (lambda: webp_of(16_383, 16_383), "damaged"),
    "JPEG of one dot": (lambda: image("JPEG", (1, 1)), "too small"),
    "JPEG with a zip behind it": (lambda: image("JPEG") + zipped(), THUMBNAIL),
    "PNG with a page behind it": (lambda: image("PNG") + HTML, THUMBNAIL),
    "JPEG with 4 MB of comments": (
        lambda: image("JPEG")[:2] + (b"\xff\xfe\xff\xff" + b"x" * 65_533) * 64 + image("JPEG")[2:],
        THUMBNAIL,
    ),
    "JPEG with EXIF that turns in circles": (lambda: image("JPEG", exif=turning_exif()), THUMBNAIL),
    "JPEG held in no way": (lambda: image("JPEG", exif=exif(99)), THUMBNAIL),
    "JPEG for printers": (lambda: image("JPEG", mode="CMYK"), THUMBNAIL),
    "JPEG with another one behind it": (lambda: frames("MPO"), THUMBNAIL),
    "PNG of two colours": (lambda: image("PNG", mode="1"), THUMBNAIL),
}
