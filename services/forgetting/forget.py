"""`./screening forget`: a user erased from the files of what is stopped, or asked to be from what runs."""

import os
import re
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from catenae import (
    ConfigError,
    DataFolder,
    Documents,
    Erased,
    Store,
    erase,
    open_documents,
    read_settings,
    spellings,
)
from services.api.audit import COMMAND_LINE, Act, Audit
from services.api.pseudonym_key import FILE, pseudonyms_of
from services.forgetting.forget_recorder import PERSONAL
from services.forgetting.forget_requests import COLLECTION
from services.reddit.names import Names

DATA = Path("data")
FIELDS: Mapping[str, str] = {**PERSONAL, COLLECTION: "id"}
# In which fields of values a person is named.
NAMING = frozenset(PERSONAL.values())
# How an identifier of Bluesky begins, which knows upper and lower case.
DID = "did:"
# Of `./screening run`: who is replayed, one name per line.
USERS_FILE = "replayed_users.txt"
# In which the names of all users stand, in a topology that runs.
USERS = ("users", "visits", "alerts")
SQLITE = "sqlite:"
_PAGE = 1000
_PREFIX = re.compile(r"/?(u|user)/", re.IGNORECASE)


def forget_command(
    user: Annotated[str, typer.Argument(metavar="USER", help="The user's name, in upper or lower case.")],
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
    user = _PREFIX.sub("", user, count=1) if _PREFIX.match(user) else user
    if request:
        if not ask(user, data):
            typer.echo("nobody of that name has been screened yet; requested as it is written")
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
    erased = forget(user, data)
    typer.echo(summary(erased, data))
    if not _something(erased):
        raise typer.Exit(1)


def forget(user: str, data: Path) -> Erased:
    """Erase a user from a data folder on which nothing runs; errors as `catenae.erase`.

    Names are the same in upper and lower case, as they are at Reddit: whatever is kept under any spelling is
    erased. An identifier of Bluesky, did:…, is one person's as it is written.
    """
    settings = read_settings(os.environ, {"data": str(data)})
    users = data / USERS_FILE
    if users.exists():
        names = users.read_text("utf-8").splitlines()
        kept = (name for name in names if name.casefold() != user.casefold())
        users.write_text("".join(f"{name}\n" for name in kept), "utf-8")
    found = {user} | {each for each in spellings(user, settings, NAMING) if is_same_name(each, user)}
    is_on_server = not settings.documents.startswith(SQLITE)
    has_documents = is_on_server or Path(settings.documents.removeprefix(SQLITE)).is_file()
    if has_documents:
        with closing(open_documents(settings.documents)) as documents:
            found |= _spelled(user, documents, FIELDS)
    # First of all, so that whoever is erased is taken up by nobody even if this is killed in between.
    suppress = partial(_suppress, names=found)
    erased = [erase(each, settings, FIELDS, partial(is_state_of, each), suppress) for each in sorted(found)]
    if has_documents:
        with closing(open_documents(settings.documents)) as documents:
            _note("forgotten", found, documents, settings.documents, data)
    return _total(erased)


def _suppress(store: Store, names: Collection[str]) -> None:
    for each in names:
        Names(store).suppress(each)


def ask(user: str, data: Path) -> set[str]:
    """Ask the topology that runs to forget a user; return how the name is written there, empty if unknown."""
    settings = read_settings(os.environ, {"data": str(data)})
    with closing(open_documents(settings.documents)) as documents:
        known = _spelled(user, documents, {name: FIELDS[name] for name in USERS})
        requested = {"status": "requested", "requested_ms": int(time.time() * 1000), "requested_by": ""}
        _note("forget requested", known | {user}, documents, settings.documents, data)
        documents.upsert(COLLECTION, [{"id": each, **requested} for each in sorted(known | {user})])
    return known


def _note(act: Act, users: Collection[str], documents: Documents, url: str, data: Path) -> None:
    """Note in the audit log what was done here, and by which user of this machine."""
    here = url == f"sqlite:{data / 'documents.sqlite'}"
    key = os.environ.get("CATENAE_OPTION_API_PSEUDONYM_KEY")
    file = Path(key) if key else data / FILE if here else None
    audit = Audit(documents, pseudonyms_of(documents, file), lambda: int(time.time() * 1000))
    for each in sorted(users):
        audit.note(COMMAND_LINE, act, each, user_of_machine=f"uid {os.getuid()}")


def _total(erased: Sequence[Erased]) -> Erased:
    return Erased(
        records=sum(each.records for each in erased),
        states=sum(each.states for each in erased),
        documents=sum(each.documents for each in erased),
        mentions=sum(each.mentions for each in erased),
        traces=tuple(sorted({path for each in erased for path in each.traces})),
        servers=erased[0].servers,
    )


def _something(erased: Erased) -> bool:
    return bool(erased.records or erased.states or erased.documents)


def _spelled(user: str, documents: Documents, fields: Mapping[str, str]) -> set[str]:
    """Return the names in documents that are the user's without regard to case."""
    names = (name for collection, field in fields.items() for name in _names(documents, collection, field))
    return {name for name in names if is_same_name(name, user)}


def _names(documents: Documents, collection: str, field: str) -> Iterator[str]:
    cursor = None
    while True:
        page = documents.find(collection, limit=_PAGE, cursor=cursor, fields=[field])
        yield from (each[field] for each in page.documents if isinstance(each.get(field), str))
        cursor = page.cursor
        if cursor is None:
            return


def is_same_name(one: str, other: str) -> bool:
    """Say whether two names are one person's."""
    return one == other if other.startswith(DID) else one.casefold() == other.casefold()


def is_state_of(user: str, name: str) -> bool:
    """Say whether a State key is one of a user: the name, also behind a segment's number and a model."""
    return re.fullmatch(rf"(\d+:)?([^:]+:)?{re.escape(user)}", name) is not None


def summary(erased: Erased, data: Path) -> str:
    """Return what was erased and where the name still is, without the name."""
    left = [f"{erased.mentions:,} records of others"] if erased.mentions else []
    left += [str(path) for path in erased.traces]
    still = f"; the word is still in what is not this user's: {', '.join(left)}" if left else ""
    if not _something(erased):
        return f"nothing was erased: nobody of this name is in {data}. Check the name, and the folder{still}"
    found = f"erased {erased.records:,} records, {erased.states:,} states, {erased.documents:,} documents"
    if erased.servers:
        found += (
            f", of which {' and '.join(erased.servers)} are on servers: what their disks and copies still "
            f"hold was not looked for, and a store keeps the names of removed keys"
        )
    return f"{found}{still or f'; no byte of the name is left in {data}'}"
