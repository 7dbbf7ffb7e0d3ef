"""The accounts of the web tool, on the command line: `./screening user`, or `python -m services.api`."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from catenae import ConfigError, DataFolder, Documents, open_documents
from services.api.answers import Role
from services.api.audit import COMMAND_LINE, Act, Audit
from services.api.datasets.export import export
from services.api.datasets.selection import Selection, Which
from services.api.pseudonym_key import FILE, pseudonyms_of, rotate
from services.api.sign_in.accounts import Accounts, Identity
from services.api.sign_in.oidc import checked_issuer
from services.api.sign_in.passwords import Passwords, generated
from services.api.sign_in.second_factor import reset
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
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--pseudonym-key",
        metavar="FILE",
        envvar="CATENAE_OPTION_API_PSEUDONYM_KEY",
        help="File of the pseudonyms' key, if not in the data folder.",
        show_default=False,
    ),
]
IssuerAddress = Annotated[
    str,
    typer.Option(
        "--issuer",
        metavar="URL",
        envvar="CATENAE_OPTION_API_OIDC_ISSUER",
        help="Issuer of OpenID Connect, as it names itself.",
        show_default=False,
    ),
]


@app.command()
def add(  # noqa: PLR0913  an option each
    name: Name,
    *,
    role: Annotated[Role, typer.Option(help="What the account may do.")],
    oidc: Annotated[
        str,
        typer.Option(
            metavar="SUBJECT",
            help="Sign in by OpenID Connect, as this `sub` of the issuer's, and by no password.",
            show_default=False,
        ),
    ] = "",
    issuer: IssuerAddress = "",
    password_stdin: GivenPassword = False,
    data: Data = DATA,
    documents: DocumentsUrl = "",
) -> None:
    """Make an account. A password that was made is printed this once.

    Examples: [bold]./screening user add ann --role reviewer[/bold]

    [bold]./screening user add bob --role curator --oidc 248289761001 --issuer https://login.example[/bold]
    """
    with _opened(data, documents) as found:
        if oidc:
            create(found, name, role, _identity(issuer, oidc))
            typer.echo(f"{name} may sign in at {issuer}")
        else:
            password = _given() if password_stdin else generated()
            create(found, name, role, password)
            _announce(name, password, password_stdin)


@app.command("list")
def list_(*, data: Data = DATA, documents: DocumentsUrl = "") -> None:
    """List the accounts."""
    with _opened(data, documents) as found:
        for account in Accounts(found, Passwords()).every():
            state = "disabled" if account.is_disabled else "may sign in"
            way = "OpenID Connect" if account.password is None else "password"
            way += " and second factor" if account.second_factor is not None else ""
            typer.echo(f"{account.name}\t{account.role.value}\t{state}\t{way}")


@app.command()
def disable(name: Name, *, data: Data = DATA, documents: DocumentsUrl = "") -> None:
    """Let an account sign in no more, and end its sessions."""
    with _opened(data, documents) as found:
        accounts = Accounts(found, Passwords())
        accounts.set_disabled(name, is_disabled=True)
        Sessions(found, accounts).end_all(name)
        _note(found, "account disabled", name=name)
    typer.echo(f"{name} may not sign in any more")


@app.command()
def enable(name: Name, *, data: Data = DATA, documents: DocumentsUrl = "") -> None:
    """Let a disabled account sign in again."""
    with _opened(data, documents) as found:
        Accounts(found, Passwords()).set_disabled(name, is_disabled=False)
        _note(found, "account enabled", name=name)
    typer.echo(f"{name} may sign in")


@app.command()
def password(
    name: Name, *, password_stdin: GivenPassword = False, data: Data = DATA, documents: DocumentsUrl = ""
) -> None:
    """Give an account another password, and end its sessions. One that was made is printed this once.

    An account that signed in by OpenID Connect does so no more.
    """
    with _opened(data, documents) as found:
        new = _given() if password_stdin else generated()
        _set_way(found, name, new)
        _note(found, "way to sign in changed", name=name, by="password")
        _announce(name, new, password_stdin)


@app.command()
def oidc(
    name: Name,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="The `sub` that the issuer gives them.")],
    *,
    issuer: IssuerAddress = "",
    data: Data = DATA,
    documents: DocumentsUrl = "",
) -> None:
    """Let an account sign in by OpenID Connect instead, and end its sessions; it has no password any more.

    Whom the issuer has signed in and no account belongs to is in the audit log, with the `sub`.

    Example: [bold]./screening user oidc ann 248289761001 --issuer https://login.example[/bold]
    """
    with _opened(data, documents) as found:
        _set_way(found, name, _identity(issuer, subject))
        _note(found, "way to sign in changed", name=name, by="OpenID Connect")
    typer.echo(f"{name} may sign in at {issuer}")


@app.command("reset-second-factor")
def reset_second_factor(name: Name, *, data: Data = DATA, documents: DocumentsUrl = "") -> None:
    """Take the second factor from an account whose device and recovery codes are lost; ends its sessions.

    The password alone opens it then, until the person sets up another one. Make sure of who is asking.
    """
    with _opened(data, documents) as found:
        accounts = Accounts(found, Passwords())
        reset(found, accounts, name)
        Sessions(found, accounts).end_all(name)
        _note(found, "second factor taken away", name=name)
    typer.echo(f"{name} may sign in with the password alone")


@app.command("role")
def role_(name: Name, role: Role, *, data: Data = DATA, documents: DocumentsUrl = "") -> None:
    """Give an account another role."""
    with _opened(data, documents) as found:
        Accounts(found, Passwords()).set_role(name, role)
        _note(found, "role changed", name=name, role=role.value)
    typer.echo(f"{name} is {role.value}")


def export_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to write; new or empty.")],
    *,
    real_names: Annotated[
        bool, typer.Option("--real-names", help="Users by name; by default under pseudonyms.")
    ] = False,
    pseudonym_key: KeyFile = None,
    data: Data = DATA,
    documents: DocumentsUrl = "",
) -> None:
    """Write the users that experts have labelled as a collection to train the next model on.

    Train on it into a folder beside the others: ./screening train data/labelled --model data/models/second

    Example: [bold]./screening export data/labelled[/bold]
    """
    with _opened(data, documents) as found:
        pseudonyms = None if real_names else pseudonyms_of(found, key_file(pseudonym_key, data, documents))
        _note(found, "dataset exported", names="real" if real_names else "pseudonyms")
        selection = Selection(found, Which.ALL, pseudonyms)
        users, posts = export(selection, folder)
    typer.echo(f"{folder}: {posts:,} posts of {users:,} labelled users")
    for reason, number in selection.left_out.most_common():
        typer.echo(f"left out: {number:,} posts, {reason}", err=True)


def rotate_command(*, pseudonym_key: KeyFile = None, data: Data = DATA, documents: DocumentsUrl = "") -> None:
    """Give all users other pseudonyms, by a new key: where the former one may be known to somebody.

    The audit log is carried over. Nothing may run. What was exported before cannot be told to belong to what
    is exported after.

    Example: [bold]./screening rotate-pseudonyms[/bold]
    """
    if DataFolder(data).user() is not None:
        raise ConfigError(f"a topology runs on {str(data)!r}, which knows the former key; stop it first")
    file = key_file(pseudonym_key, data, documents)
    if file is None:
        raise ConfigError("the documents are on a server; name the file of their key: --pseudonym-key FILE")
    with _opened(data, documents) as found:
        changed = rotate(found, file)
        _note(found, "pseudonyms replaced")
    typer.echo(f"new key in {file}; {changed:,} entries of the audit log carried over")


def key_file(given: Path | None, data: Path, documents: str) -> Path | None:
    """Return where the key of the pseudonyms is; None with the documents, where these are on a server."""
    return given if given is not None or documents else data / FILE


def create(documents: Documents, name: str, role: Role, way: str | Identity) -> None:
    """Make an account that signs in by a password or an identity; it is in the audit log."""
    Accounts(documents, Passwords()).add(name, role, way, _now_ms())
    _note(documents, "account added", name=name, role=role.value)


def _note(documents: Documents, action: Act, **detail: Any) -> None:
    """Write into the audit log what somebody at the command line did, and as which user of the machine."""
    by = os.environ.get("SUDO_USER") or f"uid {os.getuid()}"
    Audit(documents, None, _now_ms).note(COMMAND_LINE, action, **detail, user_of_machine=by)


def _now_ms() -> int:
    return int(time.time() * 1000)


def _identity(issuer: str, subject: str) -> Identity:
    if not issuer:
        raise ConfigError(f"{subject!r} is somebody to an issuer only; name it with --issuer URL")
    return Identity(checked_issuer(issuer), subject)


def _set_way(documents: Documents, name: str, way: str | Identity) -> None:
    accounts = Accounts(documents, Passwords())
    accounts.set_way(name, way)
    Sessions(documents, accounts).end_all(name)


def _given() -> str:
    """Return the password on the standard input; raise ConfigError where there is none."""
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise ConfigError("--password-stdin: no password came, so nothing was changed; write one line")
    return given


def _announce(name: str, password: str, was_given: bool) -> None:  # noqa: FBT001  an option's value
    typer.echo(f"{name} may sign in" + ("" if was_given else f" with the password {password}"))


@contextmanager
def _opened(data: Path, url: str) -> Iterator[Documents]:
    # The usual one may be yet to come; another name is one that was typed.
    if not url and data != DATA and not data.is_dir():
        raise ConfigError(f"there is no data folder {str(data)!r}; name the one that the web tool runs on")
    with closing(open_documents(url or f"sqlite:{data / 'documents.sqlite'}")) as found:
        yield found
