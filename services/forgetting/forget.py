"""`./screening forget`: a user erased from the files of what is stopped, or asked to be from what runs."""

import os
import re
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Set
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
    open_store,
    read_settings,
    spellings,
)
from services.api.audit import COMMAND_LINE, Act, Audit
from services.api.pseudonym_key import FILE, pseudonyms_of
from services.forgetting.forget_recorder import PERSONAL
from services.forgetting.forget_requests import COLLECTION, forgotten_for_silence
from services.forgetting.review_counts import keep_counts
from services.forgetting.silence import silent
from services.reddit.names import Names
from services.screenings import documents_of, fields_of, screenings
from services.topics.erased import take_out

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
ASK_FIRST = "Have the running topology forget first,"
NOTHING = Erased(0, 0, 0, 0, ())
_PAGE = 1000
_PREFIX = re.compile(r"/?(u|user)/", re.IGNORECASE)


def forget_command(
    user: Annotated[
        str | None,
        typer.Argument(metavar="USER", help="The user's name, in upper or lower case.", show_default=False),
    ] = None,
    *,
    silent_days: Annotated[
        float | None,
        typer.Option(
            "--silent-days",
            metavar="DAYS",
            min=1,
            help="Erase everybody who has written nothing for so long, until they write again.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of everything the run keeps.")] = DATA,
    request: Annotated[
        bool, typer.Option("--request", help="Ask a topology that runs to forget; erase nothing here.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Erase a user from topics, State and documents, bytes and all, and never take the user up again.

    Everything must be stopped. While it runs, --request has every node forget the user at once; give the
    command again, without it, when all is stopped, so that no byte is left in the files. With topics on a
    server that request must come first: what waits there is known to the running topology alone.

    Examples: [bold]./screening forget somebody[/bold]

    [bold]./screening forget --silent-days 365 --yes[/bold]
    """
    if (user is None) == (silent_days is None) or (request and user is None):
        raise ConfigError(
            "name one user, or say --silent-days DAYS; while it runs, an option of its node does"
        )
    if user is None:
        _require_leave(data, "everything of everybody who has been silent for so long", "", yes=yes)
        users, erased = forget_silent(silent_days or 0.0, data, time.time())
        typer.echo(
            f"{users:,} silent users: {summary(erased, data)}" if users else "nobody was silent so long"
        )
        return
    user = _PREFIX.sub("", user, count=1) if _PREFIX.match(user) else user
    if request:
        if not ask(user, data):
            typer.echo("nobody of that name has been screened yet; requested as it is written")
        typer.echo("requested: every node of the running topology forgets the user")
        return
    _require_leave(data, "everything of this user", "add --request to have it forget the user, or ", yes=yes)
    typer.echo(summary(forget(user, data), data))


def _require_leave(data: Path, what: str, instead: str, *, yes: bool) -> None:
    """Raise unless nothing runs there and somebody says that it may be erased; `instead` of that do this."""
    if DataFolder(data).user() is not None:
        raise ConfigError(f"a topology runs on {str(data)!r}; {instead}stop it first")
    if not yes and not sys.stdin.isatty():
        raise ConfigError("nobody is there to be asked, so nothing was erased; add --yes")
    if not yes:
        typer.confirm(f"Erase {what}? It cannot be undone", abort=True)


def forget(user: str, data: Path) -> Erased:
    """Erase a user from a data folder on which nothing runs; errors as `catenae.erase`.

    Raises `ConfigError`, too, where topics are on a server and no running topology has forgotten the user.
    Names are the same in upper and lower case, as they are at Reddit: whatever is kept under any spelling is
    erased. An identifier of Bluesky, did:…, is one person's as it is written.
    """
    settings = read_settings(os.environ, {"data": str(data)})
    if _is_on_server(settings.broker):
        _require_forgotten(user, settings.store, settings.documents)
    _replay_no_more(data, {user})
    found = {user} | {each for each in spellings(user, settings, NAMING) if is_same_name(each, user)}
    fields: Mapping[str, str] = FIELDS
    if _has_documents(settings.documents):
        with closing(open_documents(settings.documents)) as documents:
            fields = fields_of(FIELDS, documents.collections())
            found |= _spelled(user, documents, fields)
            _count(found, documents)
    # First of all, so that whoever is erased is taken up by nobody even if this is killed in between.
    first = partial(_first, names=found, documents=settings.documents, is_suppressed=True)
    erased = erase(found, settings, fields, partial(is_state_of, found | _folded(found)), first)
    if _has_documents(settings.documents):
        with closing(open_documents(settings.documents)) as documents:
            _note("forgotten", found, documents, settings.documents, data)
    return erased


def forget_silent(days: float, data: Path, now_s: float) -> tuple[int, Erased]:
    """Erase who has written nothing for so many days, as `forget` does, but until they write again.

    So is whom the running topology has forgotten for that a day ago at most, of whom there are bytes left.
    Return how many they were, and what there was of them.
    """
    settings = read_settings(os.environ, {"data": str(data)})
    if not _has_documents(settings.documents):
        return 0, NOTHING
    with closing(open_documents(settings.documents)) as documents:
        still_there = set(silent(documents, days, now_s))
        found = still_there | set(forgotten_for_silence(documents))
        fields = fields_of(FIELDS, documents.collections())
        if still_there and _is_on_server(settings.broker):
            raise ConfigError(
                f"{len(still_there):,} silent users are still there, and topics are on a server. {ASK_FIRST} "
                f"with --option forget_requests.silent_days={days:g}, then stop it and give this again"
            )
        _count(found, documents)
    if not found:
        return 0, NOTHING
    _replay_no_more(data, found)
    first = partial(_first, names=found, documents=settings.documents, is_suppressed=False)
    erased = erase(found, settings, fields, partial(is_state_of, found | _folded(found)), first)
    with closing(open_documents(settings.documents)) as documents:
        _note("forgotten", still_there, documents, settings.documents, data)
    return len(found), erased


def _is_on_server(broker: str) -> bool:
    return not broker.startswith("embedded:")


def _require_forgotten(user: str, store_url: str, documents_url: str) -> None:
    """Raise unless a running topology has carried out all there is of requests to forget this user."""
    with closing(open_store(store_url)) as store, closing(open_documents(documents_url)) as documents:
        names = _spelled(user, documents, {COLLECTION: "id"}) | {user, user.casefold()}
        hashes = map(Names(store).hash, names)
        asked = documents.get_many(COLLECTION, [*names, *hashes])
    if not asked or any(each.get("status") != "done" for each in asked.values()):
        raise ConfigError(
            f"topics are on a server, and the user may still wait there. {ASK_FIRST} with --request; once "
            f"that request is done, stop it and give this again"
        )


def _count(users: Set[str], documents: Documents) -> None:
    """Keep of the reviews of these users what is nobody's."""
    for screening in screenings(documents.collections()):
        for each in users:
            keep_counts(documents_of(documents, screening), each)


def _replay_no_more(data: Path, users: Set[str]) -> None:
    file, left_out = data / USERS_FILE, {each.casefold() for each in users}
    if file.exists():
        names = file.read_text("utf-8").splitlines()
        file.write_text("".join(f"{name}\n" for name in names if name.casefold() not in left_out), "utf-8")


def _has_documents(url: str) -> bool:
    return not url.startswith(SQLITE) or Path(url.removeprefix(SQLITE)).is_file()


def _first(store: Store, names: Collection[str], documents: str, *, is_suppressed: bool) -> None:
    for each in names if is_suppressed else ():
        Names(store).suppress(each)
    if _has_documents(documents):
        with closing(open_documents(documents)) as opened:
            take_out(names, opened, int(time.time() * 1000))


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


def _folded(users: Set[str]) -> set[str]:
    """Return what stands for all spellings of those whose names know no case."""
    return {each.casefold() for each in users if not each.startswith(DID)}


def is_state_of(users: Set[str], name: str) -> bool:
    """Say whether a State key is one of these users: the name, also behind a segment's number and a model.

    Where names know no case, users are given with the form that `str.casefold` makes of their names.
    """
    segment, _, behind_segment = name.partition(":")
    behind = {name, behind_segment}
    if segment.isdecimal():
        behind.add(behind_segment.partition(":")[2])
    return not users.isdisjoint(behind) or not users.isdisjoint(map(str.casefold, behind))


def summary(erased: Erased, data: Path) -> str:
    """Return what was erased and where the name still is, without the name."""
    left = [f"{erased.mentions:,} records of others"] if erased.mentions else []
    left += [str(path) for path in erased.traces]
    still = f"; the word is still in what is not this user's: {', '.join(left)}" if left else ""
    if not _something(erased):
        return (
            f"nothing was erased: nobody of this name is in {data}, and nobody of it will be taken up. "
            f"Check the name, and the folder{still}"
        )
    found = f"erased {erased.records:,} records, {erased.states:,} states, {erased.documents:,} documents"
    if "broker" in erased.servers:
        found += ", no records on the broker's server, which keeps them for their retention"
    if others := [each for each in erased.servers if each != "broker"]:
        found += (
            f", of which {' and '.join(others)} are on servers: what their disks and copies still hold was "
            f"not looked for, and a store keeps the names of removed keys"
        )
    return f"{found}{still or f'; no byte of the name is left in {data}'}"
