"""A public set of tweets that twenty people each have rated, out of the package that it comes with.

Source: Hutto and Gilbert 2014, "VADER", ICWSM. The package is under the MIT licence; the texts are other
people's, stay where they are unpacked, and are no part of this project.
"""

import json
from pathlib import Path

from services.classifiers.archive import member, opened

PACKAGE = "vaderSentiment==3.3.2"
SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
FILE = "tweets.jsonl"
# A mean rating nearer to 0 is neither.
LEAST_RATING = 0.5

_INNER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
_RATED = "hutto_ICWSM_2014/tweets_GroundTruth.txt"


def unpack_tweets(archive: Path, folder: Path) -> tuple[int, int]:
    """Write the tweets with a clear rating as `folder`/tweets.jsonl, label 1 where it is negative.

    Returns how many there are, and how many of them are negative. Raises CollectionError for another archive.
    """
    content = opened(archive, PACKAGE, SHA256)
    rows = [line.split("\t", 2) for line in _rated(content).decode().splitlines()]
    rated = [(float(rating), text) for _, rating, text in rows if abs(float(rating)) >= LEAST_RATING]
    lines = [json.dumps({"text": text, "label": int(rating < 0)}) for rating, text in rated]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return len(rated), sum(rating < 0 for rating, _ in rated)


def _rated(content: bytes) -> bytes:
    return member(member(content, _INNER), _RATED)
