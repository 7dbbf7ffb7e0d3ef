"""`./screening forget`: a user erased from the files of what is stopped, or asked to be from what runs."""

import os
import re
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from catenae import ConfigError, DataFolder, Erased, erase, open_documents, open_store, read_settings
from services.forgetting.forget_recorder import PERSONAL
from services.forgetting.forget_requests import COLLECTION
from services.reddit.names import Names

DATA = Path("data")
FIELDS: Mapping[str, str] = {**PERSONAL, COLLECTION: "id"}
# Of `./screening run`: who is replayed, one name per line.
USERS_FILE = "replayed_users.txt"


def forget_command(
    user: Annotated[str, typer.Argument(metavar="USER", help="The user's name, exactly as written.")],
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of everything the run keeps.")] = DATA,
    request: Annotated[
        bool, typer.Option("--request", help="Ask a topology that runs to forget; erase nothing here.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Erase a user from topics, State and documents, bytes and all, and never take the user up again.

    Everything must be stopped. While it runs, --request has every node forget the user at once; give the
    command again, without it, when all is stopped, so that no byte is left in the files.

    Example: [bold]./screening forget somebody[/bold]
    """
    if request:
        ask(user, data)
        typer.echo("requested: every node of the running topology forgets the user")
        return
    if DataFolder(data).user() is not None:
        raise ConfigError(
            f"a topology runs on {str(data)!r}; add --request to have it forget the user, or stop it first"
        )
    if not yes and not sys.stdin.isatty():
        raise ConfigError("nobody is there to be asked, so nothing was erased; add --yes")
    if not yes:
        typer.confirm("Erase everything of this user? It cannot be undone", abort=True)
    typer.echo(summary(forget(user, data), data))


def forget(user: str, data: Path) -> Erased:
    """Erase a user from a data folder on which nothing runs; errors as `catenae.erase`."""
    settings = read_settings(os.environ, {"data": str(data)})
    users = data / USERS_FILE
    if users.exists():
        names = users.read_text("utf-8").splitlines()
        users.write_text("".join(f"{name}\n" for name in names if name != user), "utf-8")
    erased = erase(user, settings, FIELDS, lambda name: is_state_of(user, name))
    with closing(open_store(settings.store)) as store:
        Names(store).suppress(user)
    return erased


def ask(user: str, data: Path) -> None:
    """Ask the topology that runs to forget a user."""
    settings = read_settings(os.environ, {"data": str(data)})
    asked = {"id": user, "status": "requested", "requested_ms": int(time.time() * 1000), "requested_by": ""}
    with closing(open_documents(settings.documents)) as documents:
        documents.upsert(COLLECTION, [asked])


def is_state_of(user: str, name: str) -> bool:
    """Say whether a State key is one of a user: the name, also behind a segment's number and a model."""
    return re.fullmatch(rf"(\d+:)?([^:]+:)?{re.escape(user)}", name) is not None


def summary(erased: Erased, data: Path) -> str:
    """Return what was erased and where the name still is, without the name."""
    found = f"erased {erased.records:,} records, {erased.states:,} states, {erased.documents:,} documents"
    if erased.servers:
        found += (
            f", of which {' and '.join(erased.servers)} are on servers: what their disks and copies still "
            f"hold was not looked for, and a store keeps the names of removed keys"
        )
    if not erased.traces and not erased.mentions:
        return f"{found}; no byte of the name is left in {data}"
    left = [f"{erased.mentions:,} records of others"] if erased.mentions else []
    left += [str(path) for path in erased.traces]
    return f"{found}; the word is still in what is not this user's: {', '.join(left)}"
