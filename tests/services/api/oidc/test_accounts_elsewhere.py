"""Accounts that sign in by OpenID Connect: made on the command line, one for a person, and by no password."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from catenae import ConfigError, Documents, open_documents
from services.api import cli
from services.api.answers import Role
from services.api.collaborators import Collaborators
from services.api.sign_in.accounts import LONGEST_SUBJECT, Account, AccountError, Accounts, Identity
from services.api.sign_in.passwords import Passwords
from services.api.sign_in.sessions import Sessions
from tests.services.api import people
from tests.services.api.oidc.conftest import SignIn
from tests.services.api.oidc.local_issuer import SUBJECT, LocalIssuer
from tests.services.api.people import PASSWORD

ISSUER = "https://login.example"
IDENTITY = Identity(ISSUER, SUBJECT)


@pytest.mark.lengthy
@pytest.mark.usefixtures("ann")
@pytest.mark.parametrize("password", [PASSWORD, SUBJECT, "None"])
def test_an_account_elsewhere_has_no_password(password: str, browser: TestClient) -> None:
    browser.headers["Origin"] = people.ORIGIN

    assert people.sign_in(browser, "ann", password).status_code == 401


def test_nobody_has_two_accounts(here: Collaborators) -> None:
    here.accounts.add("ann", Role.REVIEWER, IDENTITY, 0)
    here.accounts.add("bob", Role.REVIEWER, PASSWORD, 0)

    with pytest.raises(AccountError, match="'ann' has this subject already"):
        here.accounts.add("cid", Role.REVIEWER, IDENTITY, 0)
    with pytest.raises(AccountError, match="'ann' has this subject already"):
        here.accounts.set_way("bob", IDENTITY)


@pytest.mark.parametrize("subject", ["", "x" * (LONGEST_SUBJECT + 1), "a\nb"])
def test_nobody_has_such_a_subject(subject: str, here: Collaborators) -> None:
    with pytest.raises(AccountError, match="nobody's subject"):
        here.accounts.add("ann", Role.REVIEWER, Identity(ISSUER, subject), 0)


@pytest.mark.lengthy
def test_an_account_has_one_way_to_sign_in(
    browser: TestClient, sign_in: SignIn, here: Collaborators, local_issuer: LocalIssuer
) -> None:
    browser.headers["Origin"] = people.ORIGIN
    here.accounts.add("ann", Role.REVIEWER, PASSWORD, 0)

    here.accounts.set_way("ann", Identity(local_issuer.address, SUBJECT))
    assert people.sign_in(browser, "ann").status_code == 401
    assert sign_in(browser).headers["location"] == "/"

    here.accounts.set_way("ann", PASSWORD)
    assert sign_in(browser).headers["location"] == "/#/sign-in/refused"
    assert people.sign_in(browser, "ann").json()["has_password"] is True


class Command:
    """`user`, on documents of its own."""

    def __init__(self, folder: Path, passwords: Passwords) -> None:
        self._folder = folder
        self._passwords = passwords

    def __call__(self, *arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(cli.app, [*arguments, "--data", str(self._folder)], env=environment)

    @contextmanager
    def documents(self) -> Iterator[Documents]:
        with closing(open_documents(f"sqlite:{self._folder / 'documents.sqlite'}")) as documents:
            yield documents

    def found(self, identity: Identity) -> Account | None:
        with self.documents() as documents:
            return Accounts(documents, self._passwords).with_identity(identity)


@pytest.fixture
def user(tmp_path: Path, passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setattr(cli, "Passwords", lambda: passwords)
    return Command(tmp_path, passwords)


def test_the_command_makes_an_account_elsewhere(user: Command) -> None:
    server_has = {"CATENAE_OPTION_API_OIDC_ISSUER": ISSUER}
    said = user("add", "ann", "--role", "curator", "--oidc", SUBJECT, **server_has).output

    assert said == f"ann may sign in at {ISSUER}\n"
    account = user.found(IDENTITY)
    assert account is not None
    assert (account.name, account.role, account.password) == ("ann", Role.CURATOR, None)
    assert user("list").output == "ann\tcurator\tmay sign in\tOpenID Connect\n"


def test_the_command_changes_the_way_of_an_account(user: Command, passwords: Passwords) -> None:
    user("add", "ann", "--role", "curator")
    with user.documents() as documents:
        Sessions(documents, Accounts(documents, passwords)).begin("ann", 0)

    assert user("oidc", "ann", SUBJECT, "--issuer", ISSUER).exit_code == 0
    with user.documents() as documents:
        assert documents.count("sessions") == 0
    found = user.found(IDENTITY)
    assert found is not None
    assert found.password is None

    user("password", "ann")
    assert user.found(IDENTITY) is None


@pytest.mark.parametrize("issuer", [[], ["--issuer", "http://login.example"]])
def test_the_command_refuses_an_issuer_that_cannot_be_trusted(issuer: list[str], user: Command) -> None:
    refused = user("add", "ann", "--role", "curator", "--oidc", SUBJECT, *issuer)

    assert isinstance(refused.exception, ConfigError)
    with user.documents() as documents:
        assert documents.count("accounts") == 0
