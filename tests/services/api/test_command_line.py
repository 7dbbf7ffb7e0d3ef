"""Accounts and exports on the command line: an empty password is none, and each act is in the audit log."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catenae import ConfigError, DataFolder, Documents, open_documents
from services.api.audit import COMMAND_LINE, Audit
from services.api.cli import app
from services.api.paging import Part
from services.api.pseudonym_key import FILE, pseudonyms_of
from services.api.sign_in.accounts import Accounts
from services.api.sign_in.passwords import Passwords
from services.api.sign_in.recovery_codes import RecoveryCodes
from services.api.sign_in.sessions import Sessions
from services.cli.application import app as screening
from services.forgetting.forget import ask
from tests.services.api.people import PASSWORD, alert, post


@pytest.fixture
def data(tmp_path: Path, passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("services.api.cli.Passwords", lambda: passwords)
    assert run(tmp_path, "add", "ann", "--role", "reviewer", said=f"{PASSWORD}\n").exit_code == 0
    return tmp_path


@pytest.fixture
def kept(data: Path) -> Iterator[Documents]:
    with closing(open_documents(f"sqlite:{data}/documents.sqlite")) as opened:
        yield opened


def run(data: Path, *arguments: str, said: str | None = None) -> Any:
    given = ["--password-stdin"] if said is not None else []
    return CliRunner().invoke(app, [*arguments, *given, "--data", str(data)], input=said)


@pytest.mark.parametrize("said", ["", "\n"])
@pytest.mark.parametrize("command", [["password", "ann"], ["add", "bob", "--role", "curator"]])
def test_an_empty_password_from_a_pipe_changes_nothing(
    data: Path, kept: Documents, passwords: Passwords, command: list[str], said: str
) -> None:
    refused = run(data, *command, said=said)

    assert isinstance(refused.exception, ConfigError)
    assert [each.name for each in Accounts(kept, passwords).every()] == ["ann"]
    assert Accounts(kept, passwords).with_password("ann", PASSWORD) is not None


def acts(kept: Documents) -> list[tuple[str, dict[str, Any]]]:
    found = kept.find("audit", {"account": COMMAND_LINE}, limit=100).documents
    return [
        (each["action"], {name: value for name, value in each["detail"].items() if name != "user_of_machine"})
        for each in found
    ]


@pytest.mark.lengthy
def test_each_act_is_in_the_log_with_who_did_it(data: Path, kept: Documents) -> None:
    acted = ("role", "ann", "administrator"), ("disable", "ann"), ("enable", "ann")
    for command in (*acted, ("reset-second-factor", "ann")):
        assert run(data, *command).exit_code == 0
    assert run(data, "password", "ann").exit_code == 0
    assert run(data, "oidc", "ann", "7", "--issuer", "https://login.example").exit_code == 0

    assert acts(kept) == [
        ("account added", {"name": "ann", "role": "reviewer"}),
        ("role changed", {"name": "ann", "role": "administrator"}),
        ("account disabled", {"name": "ann"}),
        ("account enabled", {"name": "ann"}),
        ("second factor taken away", {"name": "ann"}),
        ("way to sign in changed", {"name": "ann", "by": "password"}),
        ("way to sign in changed", {"name": "ann", "by": "OpenID Connect"}),
    ]
    (first, *_) = kept.find("audit").documents
    assert first["detail"]["user_of_machine"].endswith(str(os.getuid())) or os.environ.get("SUDO_USER")


def test_a_second_factor_that_is_lost_is_taken_away_with_its_sessions(
    data: Path, kept: Documents, passwords: Passwords
) -> None:
    accounts, codes = Accounts(kept, passwords), RecoveryCodes(kept)
    accounts.set_second_factor("ann", "sealed")
    (code, *_) = codes.renew("ann")
    sessions = Sessions(kept, accounts)
    token = sessions.begin("ann", 0)
    assert "password and second factor" in run(data, "list").output

    assert run(data, "reset-second-factor", "ann").exit_code == 0

    assert "second factor" not in run(data, "list").output
    assert not codes.use("ann", code)
    assert sessions.find(token, 0) is None


@pytest.mark.parametrize("names", ["real", "pseudonyms"])
def test_an_export_is_in_the_log(data: Path, kept: Documents, names: str) -> None:
    kept.upsert("alerts", [alert("cid", label="risk")])
    kept.upsert("posts", [post("cid", 1)])
    real = ["--real-names"] if names == "real" else []
    done = CliRunner().invoke(screening, ["export", str(data / "out"), "--data", str(data), *real])

    assert done.exit_code == 0, done.output
    assert acts(kept)[1:] == [("dataset exported", {"names": names})]
    assert ("cid" in (data / "out" / "stream.jsonl").read_text()) == (names == "real")


def test_a_request_to_forget_is_in_the_log_about_the_user(data: Path, kept: Documents) -> None:
    kept.upsert("users", [{"id": "Cid"}])
    ask("Cid", data)

    audit = Audit(kept, pseudonyms_of(kept, data / FILE), lambda: 0)
    (event,) = audit.find({"user": "Cid"}, Part()).documents
    assert (event["account"], event["action"]) == (COMMAND_LINE, "forget requested")


def test_a_new_key_is_in_the_log(data: Path, kept: Documents) -> None:
    assert CliRunner().invoke(screening, ["rotate-pseudonyms", "--data", str(data)]).exit_code == 0

    assert acts(kept)[1:] == [("pseudonyms replaced", {})]


def test_a_running_topology_keeps_its_key(data: Path) -> None:
    with DataFolder(data).lock():
        refused = CliRunner().invoke(screening, ["rotate-pseudonyms", "--data", str(data)])

    assert refused.exit_code == 2 or isinstance(refused.exception, ConfigError)
    assert not (data / FILE).exists()
