"""Who may do what with the documents in MongoDB: a user for each node, with a role of the same name."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from pymongo import MongoClient
from pymongo.database import Database

from catenae.secret_files import read_secret
from catenae.stores.mongodb_address import PASSWORD_VARIABLE, parsed
from catenae.stores.mongodb_error import explaining

_READ = ("find", "listIndexes")
_ADD = ("createIndex", "insert")
_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "read": _READ,
    "add": _ADD,
    "write": (*_READ, *_ADD, "createCollection", "update", "remove"),
}


class Account(NamedTuple):
    """A user of one database.

    collections  what it may do with which: "read", "add" or "write"; None for everything with all of them
    """

    name: str
    password: str
    collections: Mapping[str, str] | None


def permit(url: str, database: str, accounts: list[Account]) -> None:
    """Make users of a database, or make them what they are to be: they can do this and nothing else.

    url  names a user who may make users, and any database

    Raises `StoreError` as every call to MongoDB does.
    """
    _, options = parsed(url, read_secret(os.environ, PASSWORD_VARIABLE))
    with explaining(), MongoClient[dict[str, Any]](url, appname="catenae", **options) as client:
        for each in accounts:
            _permit(client.get_database(database), each)


def _permit(database: Database[dict[str, Any]], account: Account) -> None:
    has_role = database.command("rolesInfo", account.name)["roles"]
    has_user = database.command("usersInfo", account.name)["users"]
    inherited = ["readWrite"] if account.collections is None else []
    privileges = [
        {"resource": {"db": database.name, "collection": name}, "actions": list(_ACTIONS[access])}
        for name, access in sorted((account.collections or {}).items())
    ]
    database.command(
        "updateRole" if has_role else "createRole", account.name, privileges=privileges, roles=inherited
    )
    database.command(
        "updateUser" if has_user else "createUser", account.name, pwd=account.password, roles=[account.name]
    )
