"""What experts have labelled, as a collection that the next model is trained on."""

import json
from pathlib import Path

from catenae import new_private, private_folder
from services.api.answers import Label
from services.api.datasets.erisk import TRUTH
from services.api.datasets.selection import Selection

STREAM = "stream.jsonl"


class ExportError(Exception):
    """A collection that cannot be written; says what was found and what to do."""


def export(selection: Selection, folder: Path) -> tuple[int, int]:
    """Write the users of a dataset and their posts into a new or empty folder; return how many of each.

    Raises ExportError if there is something in the folder, or if nobody has been labelled.
    """
    if any(not each.name.startswith(".") for each in folder.glob("*")):
        raise ExportError(f"{folder} is not empty. Name another folder")
    users = posts = 0
    private_folder(folder)
    with new_private(folder / STREAM) as stream, new_private(folder / TRUTH) as truth:
        for user in selection.users():
            truth.write(f"{user.name}\t{int(user.label is Label.RISK)}\n")
            users += 1
            for record in selection.posts(user):
                stream.write(f"{json.dumps(record)}\n")
                posts += 1
    if not users:
        raise ExportError("nobody has been labelled yet. Label alerts in the web tool first")
    return users, posts
