"""Posts that people have labelled: what classifiers are trained on and compared by.

*.jsonl   a row per post: {"text": …, "label": 1}, with "user" where it is known who wrote it, and with
          "images", names of files, in place of a text or beside it
*.csv     columns of these names, in a first row
others    a collection as the screening reads it: each post has the label of its user

Label 1, or true, is what is looked for. Texts that are there again are taken out before anything is split, or
what is tested on would have been trained on.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from services.classifiers.preprocessing import preprocessing
from services.depression.model.collection import CollectionError, UnreadableLine
from services.depression.model.collections import open_collection
from services.reddit.files import Lines, UnreadableFile

# Of two posts that differ in these alone, one is a copy.
_SAME = preprocessing(("entities", "links", "mentions", "hashtags", "case", "spaces"))
_LABELS: Mapping[str, bool] = {"1": True, "true": True, "0": False, "false": False}


class LabelledPost(NamedTuple):
    """A post and whether it shows what is looked for; `user` is empty where it is not known."""

    text: str
    is_positive: bool
    user: str = ""
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labelled posts, each text once.

    repeated       how many were left out, as their text was there before
    contradicting  how many more, as equal texts were labelled differently
    """

    posts: tuple[LabelledPost, ...]
    repeated: int
    contradicting: int

    @property
    def positives(self) -> int:
        """How many show what is looked for."""
        return sum(post.is_positive for post in self.posts)

    @property
    def has_users(self) -> bool:
        """Whether it is known of some who wrote them."""
        return any(post.user for post in self.posts)

    @property
    def told(self) -> str:
        """What was left out, and how they are split, in a line."""
        return (
            f"{self.repeated:,} repeated texts left out, {self.contradicting:,} more that were labelled both "
            f"ways; split by {'user' if self.has_users else 'post, as no user is known'}"
        )


def open_labelled(path: Path) -> Labelled:
    """Read labelled posts from a file, or all files of a folder; raise CollectionError for what are none."""
    files = sorted([*path.glob("*.jsonl"), *path.glob("*.csv")]) if path.is_dir() else [path]
    rows = [post for file in files for post in _rows(file)]
    if not rows and path.is_dir():
        rows = list(_of_users(path))
    if not rows:
        raise CollectionError(f"{path}: no labelled post. Name a file or folder of *.jsonl or *.csv")
    return each_once(rows)


def each_once(posts: Iterable[LabelledPost]) -> Labelled:
    """Take out of posts whose texts are alike all but the first, and all where they contradict each other.

    With other images a post is another one.
    """
    found: dict[tuple[str, tuple[str, ...]], list[LabelledPost]] = {}
    for post in posts:
        found.setdefault((_SAME(post.text), post.images), []).append(post)
    found.pop(("", ()), None)
    agreed = [same for same in found.values() if len({post.is_positive for post in same}) == 1]
    contradicting = sum(map(len, found.values())) - sum(map(len, agreed))
    kept = tuple(same[0] for same in agreed)
    return Labelled(kept, sum(map(len, agreed)) - len(kept), contradicting)


def _rows(file: Path) -> Iterator[LabelledPost]:
    """Yield the posts of a file; nothing of one whose rows are of another kind."""
    try:
        for number, row in _csv_rows(file) if file.suffix == ".csv" else _json_rows(file):
            if isinstance(row, dict) and "label" not in row:
                return
            yield _post(row, file, number)
    except UnreadableFile as error:
        raise CollectionError(str(error)) from error


def _csv_rows(file: Path) -> Iterator[tuple[int, Any]]:
    try:
        # Some programs begin a file with a byte order mark.
        with file.open(encoding="utf-8-sig", newline="") as opened:
            yield from enumerate(csv.DictReader(opened), start=2)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CollectionError(f"{file}: {error}. Save it as CSV in UTF-8") from error


def _json_rows(file: Path) -> Iterator[tuple[int, Any]]:
    for line in Lines(file):
        try:
            yield line.number, json.loads(line.data)
        except (ValueError, RecursionError) as error:
            raise UnreadableLine(file, line.number, "no JSON") from error


def _post(row: Any, file: Path, number: int) -> LabelledPost:
    images = _images(row, file, number)
    if not isinstance(row, dict) or not isinstance(row.get("text", "" if images else None), str):
        raise UnreadableLine(file, number, "a row without a text")
    label = _LABELS.get(str(row["label"]).strip().lower())
    if label is None:
        raise UnreadableLine(file, number, f"a label other than {', '.join(_LABELS)}")
    return LabelledPost(row.get("text", ""), label, str(row.get("user") or ""), images)


def _images(row: Any, file: Path, number: int) -> tuple[str, ...]:
    images = row.get("images") or [] if isinstance(row, dict) else []
    if not isinstance(images, list) or not all(isinstance(each, str) for each in images):
        raise UnreadableLine(file, number, "images that are no list of names")
    return tuple(images)


def _of_users(folder: Path) -> Iterator[LabelledPost]:
    collection = open_collection(folder)
    for user, posts in collection.posts.items():
        yield from (LabelledPost(post.text, collection.truth[user], user) for post in posts)
