"""How many images one core makes thumbnails of, decoding included, of files of usual sizes.

    python -m benchmarks.images

By CPU time of all processes together: of whoever hands the files over, of the one that decodes, and of its
children. Drawn is noise, at a fourth of the size, as a photograph has much and little of.
"""

import io
import json
import platform
import resource
from contextlib import closing

from PIL import Image

from services.images.decoder import Decoder

FILES = (
    ("JPEG", (4000, 3000)),
    ("JPEG", (1280, 960)),
    ("JPEG", (640, 480)),
    ("WebP", (640, 480)),
    ("PNG", (640, 480)),
)
EACH = 100


def drawn(kind: str, size: tuple[int, int]) -> bytes:
    """Return a file of a kind and size."""
    coarse = Image.effect_noise((size[0] // 4, size[1] // 4), 60).convert("RGB")
    file = io.BytesIO()
    coarse.resize(size).save(file, kind)
    return file.getvalue()


def cpu_s() -> float:
    """Return the CPU time of this process, and of those that it has seen end."""
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in each)


def images_per_s(content: bytes) -> float:
    """Return of how many of a file one core makes thumbnails in a second, the start left out."""
    began_s = cpu_s()
    with closing(Decoder()) as decoder:
        decoder.thumbnail(content)
    started_s = cpu_s()
    with closing(Decoder()) as decoder:
        for _ in range(1 + EACH):
            decoder.thumbnail(content)
    return EACH / (cpu_s() - started_s - (started_s - began_s))


def main() -> None:
    found = []
    for kind, (width, height) in FILES:
        content = drawn(kind, (width, height))
        found.append(
            {
                "kind": kind,
                "width": width,
                "height": height,
                "size_bytes": len(content),
                "images_per_core_s": round(images_per_s(content), 1),
            }
        )
    print(
        json.dumps(
            {"machine": platform.machine(), "python": platform.python_version(), "files": found}, indent=2
        )
    )


if __name__ == "__main__":
    main()
