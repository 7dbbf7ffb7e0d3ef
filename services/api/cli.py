"""The accounts of the web tool, on the command line: `./screening user`, or `python -m services.api`."""

import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from catenae import Documents, open_documents
from services.api.answers import Role
from services.api.datasets.export import export
from services.api.datasets.selection import Selection, Which
from services.api.pseudonyms import Pseudonyms
from services.api.sign_in.accounts import Accounts
from services.api.sign_in.passwords import Passwords, generated
from services.api.sign_in.sessions import Sessions

app = typer.Typer(help="Who may sign in to the web tool, and as what.", no_args_is_help=True)

DATA = Path("data")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]
Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="Data folder of the topology.")]
DocumentsUrl = Annotated[
    str,
    typer.Option(
        "--documents",
        metavar="URL",
        envvar="CATENAE_DOCUMENTS",
        help="Documents, if not in the data folder.",
        show_default=False,
    ),
]
GivenPassword = Annotated[
    bool,
    typer.Option("--password-stdin", help="Read the password from the standard input; else one is made."),
]


@app.command()
def add(
    name: Name,
    *,
    role: Annotated[Role, typer.Option(help="What the account may do.")],
    password_stdin: GivenPassword = False,
    data: Data = DATA,
    documents: DocumentsUrl = "",
) -> None:
    """Make an account. A password that was made is printed this once.

    Example: [bold]./screening user add ann --role reviewer[/bold]
    """
    with _opened(data, documents) as found:
        _announce(name, create(found, name, role, _given(password_stdin)), password_stdin)


@app.command("list")
def list_(*, data: Data = DATA, documents: DocumentsUrl = "") -> None:
    """List the accounts."""
    with _opened(data, documents) as found:
        for account in Accounts(found, Passwords()).every():
            state = "disabled" if account.is_disabled else "may sign in"
            typer.echo(f"{account.name}\t{account.role.value}\t{state}")


@app.command()
def disable(name: Name, *, data: Data = DATA, documents: DocumentsUrl = "") -> None:
    """Let an account sign in no more, and end its sessions."""
    with _opened(data, documents) as found:
        accounts = Accounts(found, Passwords())
        accounts.set_disabled(name, is_disabled=True)
        Sessions(found, accounts).end_all(name)
    typer.echo(f"{name} may not sign in any more")


@app.command()
def enable(name: Name, *, data: Data = DATA, documents: DocumentsUrl = "") -> None:
    """Let a disabled account sign in again."""
    with _opened(data, documents) as found:
        Accounts(found, Passwords()).set_disabled(name, is_disabled=False)
    typer.echo(f"{name} may sign in")


@app.command()
def password(
    name: Name, *, password_stdin: GivenPassword = False, data: Data = DATA, documents: DocumentsUrl = ""
) -> None:
    """Give an account another password, and end its sessions. One that was made is printed this once."""
    with _opened(data, documents) as found:
        accounts = Accounts(found, Passwords())
        new = _given(password_stdin) or generated()
        accounts.set_password(name, new)
        Sessions(found, accounts).end_all(name)
        _announce(name, new, password_stdin)


@app.command("role")
def role_(name: Name, role: Role, *, data: Data = DATA, documents: DocumentsUrl = "") -> None:
    """Give an account another role."""
    with _opened(data, documents) as found:
        Accounts(found, Passwords()).set_role(name, role)
    typer.echo(f"{name} is {role.value}")


def export_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to write; new or empty.")],
    *,
    real_names: Annotated[
        bool, typer.Option("--real-names", help="Users by name; by default under pseudonyms.")
    ] = False,
    data: Data = DATA,
    documents: DocumentsUrl = "",
) -> None:
    """Write the users that experts have labelled as a collection to train the next model on.

    Train on it into a folder beside the others: ./screening train data/labelled --model data/models/second

    Example: [bold]./screening export data/labelled[/bold]
    """
    with _opened(data, documents) as found:
        pseudonyms = None if real_names else Pseudonyms.of(found)
        users, posts = export(Selection(found, Which.ALL, pseudonyms), folder)
    typer.echo(f"{folder}: {posts:,} posts of {users:,} labelled users")


def create(documents: Documents, name: str, role: Role, password: str | None = None) -> str:
    """Make an account and return its password, a new one unless given."""
    chosen = password or generated()
    Accounts(documents, Passwords()).add(name, role, chosen, int(time.time() * 1000))
    return chosen


def _given(from_stdin: bool) -> str | None:  # noqa: FBT001  an option's value
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else None


def _announce(name: str, password: str, was_given: bool) -> None:  # noqa: FBT001  an option's value
    typer.echo(f"{name} may sign in" + ("" if was_given else f" with the password {password}"))


@contextmanager
def _opened(data: Path, url: str) -> Iterator[Documents]:
    with closing(open_documents(url or f"sqlite:{data / 'documents.sqlite'}")) as found:
        yield found
