"""What commands on a collection take: it, a model, and which of its users."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.depression.evaluate import split_users
from services.depression.model.artefact import Model
from services.depression.model.collection import Collection


class Users(StrEnum):
    """Which users of a collection a command works on; the halves are split by the seed."""

    HALF_1 = "half-1"
    HALF_2 = "half-2"
    ALL = "all"


CollectionFolder = Annotated[
    Path, typer.Argument(metavar="COLLECTION", help="Folder of JSONL or eRisk XML files, with the truth.")
]
ModelFolder = Annotated[Path, typer.Option("--model", metavar="DIR", help="Folder of the model.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse a collection that contradicts itself; leave nothing out.")
]
WhichUsers = Annotated[Users, typer.Option("--users", help="Users to work on; the seed splits the halves.")]


def chosen_users(collection: Collection, users: Users, seed: int) -> Collection:
    """Return the part of a collection that these users wrote."""
    first, second = split_users(collection.truth, seed)
    chosen: Mapping[Users, Sequence[str]] = {
        Users.HALF_1: first,
        Users.HALF_2: second,
        Users.ALL: sorted(collection.truth),
    }
    return collection.only(chosen[users])


def knows(model: Model, collection: Path, users: Users, seed: int) -> bool:
    """Say whether the model was trained on some of these users."""
    trained_on = model.training.get("users_trained_on")
    if model.training.get("collection") != collection.resolve().name:
        return False
    return Users.ALL in (trained_on, users) or trained_on == users or seed != seed_of(model)


def seed_of(model: Model) -> int:
    """Return what split the users that the model was trained on from the others."""
    return int(model.training.get("recipe", {}).get("seed", 0))
