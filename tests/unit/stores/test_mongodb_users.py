"""Users of MongoDB: what the server is told, by a client that remembers it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import pytest

from catenae.config import Settings
from catenae.operating.passwords import password, write_passwords
from catenae.operating.permit import permit
from topologies.depression import topology

mongodb_users = pytest.importorskip(
    "catenae.stores.mongodb_users", reason="the extra mongodb is not installed"
)

URL = "mongodb://operator:unsaid@host/admin"
PRIVATE = {"accounts", "sessions", "secrets", "audit"}


class Server:
    """What is asked of the databases of a server, and what it knows by then."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, dict[str, Any]]] = []
        self.known: set[str] = set()

    def __call__(self, url: str, **_: Any) -> Self:
        assert url == URL
        return self

    def __class_getitem__(cls, _: Any) -> Any:
        return cls

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get_database(self, name: str) -> "Database":
        return Database(self, name)


class Database:
    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self.name = name

    def command(self, command: str, name: str, **details: Any) -> Mapping[str, Any]:
        if command.endswith("Info"):
            found = [name] if name in self._server.known else []
            return {"roles": found, "users": found}
        self._server.asked.append((self.name, command, name, details))
        return {"ok": 1}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    found = Server()
    monkeypatch.setattr(mongodb_users, "MongoClient", {dict[str, Any]: found})
    return found


@pytest.fixture
def passwords(tmp_path: Path) -> Path:
    list(write_passwords([topology], tmp_path))
    return tmp_path


def privileges(server: Server, node: str) -> dict[str, set[str]]:
    (details,) = [
        each for _, command, name, each in server.asked if command.endswith("Role") and name == node
    ]
    return {each["resource"]["collection"]: set(each["actions"]) for each in details["privileges"]}


def test_accounts_secrets_and_audit_are_for_the_api_alone(server: Server, passwords: Path) -> None:
    said = permit([topology], Settings(documents=URL), passwords)

    assert said == ["MongoDB: depression, 8 users"]
    roles = {name: details["roles"] for _, command, name, details in server.asked if command == "createRole"}
    assert [name for name, inherited in roles.items() if inherited] == ["api"]
    for node in roles.keys() - {"api"}:
        seen = {
            name
            for name, actions in privileges(server, node).items()
            if actions & {"find", "update", "remove"}
        }
        assert not seen & PRIVATE


def test_the_audit_log_can_be_added_to_and_neither_read_nor_changed(server: Server, passwords: Path) -> None:
    permit([topology], Settings(documents=URL), passwords)

    assert privileges(server, "forget_recorder")["audit"] == {"insert", "createIndex"}
    assert privileges(server, "text_vectoriser") == {"probabilities": {"find", "listIndexes"}}


def test_a_user_has_the_nodes_password_and_its_role_in_the_topologys_database(
    server: Server, passwords: Path
) -> None:
    permit([topology], Settings(documents=URL), passwords)

    (database, details) = next(
        (db, each) for db, does, name, each in server.asked if (does, name) == ("createUser", "api")
    )
    assert database == "depression"
    assert details == {"pwd": password(passwords, "api"), "roles": ["api"]}
    assert "vector_aggregator" not in {name for _, _, name, _ in server.asked}


def test_what_is_there_already_becomes_what_it_is_to_be(server: Server, passwords: Path) -> None:
    server.known = {"api", "post_storer"}

    permit([topology], Settings(documents=URL), passwords)

    done = {(does, name) for _, does, name, _ in server.asked}
    assert {("updateRole", "api"), ("updateUser", "api"), ("createRole", "user_storer")} <= done
    assert ("createUser", "api") not in done
