"""The layouts of collections: JSONL streams, and the XML of the eRisk shared task."""

from pathlib import Path

from services.depression.model.collection import Collection, CollectionError, LeftOut, assemble
from services.depression.model.collections import erisk, jsonl
from services.depression.model.collections.truth import read_truth
from services.depression.model.reading import NEWEST, Reading
from services.reddit.files import ENDINGS, row_files


def open_collection(folder: Path, reading: Reading = NEWEST, *, is_strict: bool = False) -> Collection:
    """Read a whole collection: files of rows if the folder has any, else the XML files at any depth.

    reading    how the model that it is for reads texts
    is_strict  refuse a collection of which a row or user contradicts the rest, and do not leave that out

    What holds no usable post is counted by reason. Raises CollectionError, always for a file that is damaged
    or cut short: what that has lost cannot be counted.
    """
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        raise CollectionError(f"{folder}: {found}. Name the folder of the collection")
    left_out = LeftOut(is_strict=is_strict)
    if streams := row_files(folder):
        located = jsonl.read(streams, reading, left_out)
    elif documents := erisk.files(folder):
        located = erisk.read(documents, reading, left_out)
    else:
        raise CollectionError(f"{folder}: neither {', '.join(ENDINGS)} nor .xml files. Name another folder")
    truth, posts = assemble(read_truth(folder, left_out), located, left_out)
    return Collection(truth, posts, dict(left_out.reasons), reading)
