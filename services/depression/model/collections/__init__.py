"""The layouts of collections: JSONL streams, the XML of the eRisk shared task, and users of Weibo."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from services.depression.model.collection import (
    Collection,
    CollectionError,
    LeftOut,
    Located,
    Place,
    Post,
    Written,
    assemble,
)
from services.depression.model.collections import erisk, jsonl, weibo
from services.depression.model.collections.truth import read_truth
from services.depression.model.reading import NEWEST, Reading
from services.reddit.files import ENDINGS, row_files
from services.reddit.records import TextRecord
from services.weibo.users import collection_files


def open_collection(folder: Path, reading: Reading = NEWEST, *, is_strict: bool = False) -> Collection:
    """Read a whole collection: files of rows if the folder has any, else XML or JSON files at any depth.

    reading    how the model that it is for reads texts
    is_strict  refuse a collection of which a row or user contradicts the rest, and do not leave that out

    What holds no usable post is counted by reason. Raises CollectionError, always for a file that is damaged
    or cut short: what that has lost cannot be counted.
    """
    return _opened(folder, reading, is_strict=is_strict, keep=lambda _: None)


def open_texts(folder: Path, *, is_strict: bool = False) -> tuple[Collection, Mapping[str, list[TextRecord]]]:
    """Read a whole collection, and beside it each user's texts as they were written, in the same order."""
    records: dict[str, TextRecord] = {}
    collection = _opened(
        folder, NEWEST, is_strict=is_strict, keep=lambda record: records.setdefault(record["id"], record)
    )
    posts = collection.posts.items()
    return collection, {user: [records[post.id] for post in of_user] for user, of_user in posts}


def _opened(
    folder: Path, reading: Reading, *, is_strict: bool, keep: Callable[[TextRecord], object]
) -> Collection:
    left_out = LeftOut(is_strict=is_strict)
    known, written = _read(folder, left_out)
    truth, posts = assemble(known, _located(written, reading, keep), left_out)
    return Collection(truth, posts, dict(left_out.reasons), reading)


def _read(folder: Path, left_out: LeftOut) -> tuple[dict[str, tuple[bool, Place]], Iterator[Written]]:
    """Return what is known of the users, and what they wrote."""
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        raise CollectionError(f"{folder}: {found}. Name the folder of the collection")
    if streams := row_files(folder):
        return read_truth(folder, left_out), jsonl.read(streams, left_out)
    if documents := erisk.files(folder):
        return read_truth(folder, left_out), erisk.read(documents, left_out)
    if users := collection_files(folder):
        return weibo.truth(users, left_out), weibo.read(users, left_out)
    raise CollectionError(
        f"{folder}: neither {', '.join(ENDINGS)} nor .xml or .json files. Name another folder"
    )


def _located(
    written: Iterable[Written], reading: Reading, keep: Callable[[TextRecord], object]
) -> Iterator[Located]:
    for record, place in written:
        keep(record)
        post = Post(record["id"], record["author"], record["created_utc"], reading.own_words(record))
        yield Located(post, place)
