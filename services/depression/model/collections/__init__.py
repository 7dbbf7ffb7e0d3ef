"""The layouts of collections: JSONL streams, and the XML of the eRisk shared task."""

from collections import Counter
from pathlib import Path

from services.depression.model.collection import Collection, CollectionError, assemble
from services.depression.model.collections import erisk, jsonl
from services.depression.model.collections.truth import read_truth


def open_collection(folder: Path) -> Collection:
    """Read a whole collection: JSONL files if the folder has any, else the XML files at any depth.

    Rows that hold no usable post are set aside and counted by reason. Raises CollectionError.
    """
    if not folder.is_dir():
        found = "a file" if folder.exists() else "no such folder"
        raise CollectionError(f"{folder}: {found}. Name the folder of the collection")
    set_aside: Counter[str] = Counter()
    if streams := jsonl.files(folder):
        return assemble(read_truth(folder), jsonl.read(streams, set_aside), set_aside)
    if documents := erisk.files(folder):
        return assemble(read_truth(folder), erisk.read(documents, set_aside), set_aside)
    raise CollectionError(f"{folder}: neither {', '.join(jsonl.ENDINGS)} nor .xml files. Name another folder")
