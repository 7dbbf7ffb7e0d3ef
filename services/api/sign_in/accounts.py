"""Accounts: who may sign in, in which role. Kept as documents; only the command line makes them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from catenae import Document, Documents
from services.api.answers import Role
from services.api.paging import every
from services.api.sign_in.passwords import Passwords

COLLECTION = "accounts"
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}")


class AccountError(Exception):
    """An account that cannot be made or changed as asked; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in. `password` is a hash, None where only OpenID Connect lets them in."""

    name: str
    role: Role
    password: str | None
    is_disabled: bool
    created_ms: int


class Accounts:
    """All accounts."""

    def __init__(self, documents: Documents, passwords: Passwords) -> None:
        self._documents = documents
        self._passwords = passwords

    def add(self, name: str, role: Role, password: str | None, now_ms: int) -> None:
        """Make an account; raise AccountError if there is one, Unfit for a weak password."""
        if not NAME.fullmatch(name):
            raise AccountError(
                f"account {name!r} has no fit name; use up to 64 letters, digits, '.', '_', '@' and '-'"
            )
        hashed = None if password is None else self._passwords.hashed(password, name)
        made = {"id": name, "role": role.value, "password": hashed, "created_ms": now_ms}
        if not self._documents.insert(COLLECTION, made):
            raise AccountError(f"account {name!r} is there already; change it with: user password, user role")

    def get(self, name: str) -> Account | None:
        """Return an account, None if there is none."""
        found = self._documents.get(COLLECTION, name) if NAME.fullmatch(name) else None
        return None if found is None else _account(found)

    def every(self) -> Iterator[Account]:
        """Yield all accounts by name."""
        return (_account(found) for found in every(self._documents, COLLECTION))

    def with_password(self, name: str, password: str) -> Account | None:
        """Return the account that may sign in with these, None if they are wrong or it is disabled."""
        account = self.get(name)
        fits = self._passwords.fits(password, account.password if account is not None else None)
        return account if account is not None and fits and not account.is_disabled else None

    def set_password(self, name: str, password: str) -> None:
        """Give an account another password; raise AccountError without one, Unfit for a weak password."""
        self._change(name, password=self._passwords.hashed(password, name))

    def set_role(self, name: str, role: Role) -> None:
        """Give an account another role; raise AccountError without one."""
        self._change(name, role=role.value)

    def set_disabled(self, name: str, *, is_disabled: bool) -> None:
        """Let an account sign in no more, or again; raise AccountError without one."""
        self._change(name, is_disabled=is_disabled or None)

    def _change(self, name: str, **fields: str | bool | None) -> None:
        if not self._documents.merge(COLLECTION, [{"id": name, **fields}], create=False):
            raise AccountError(f"there is no account {name!r}; `user list` shows those there are")


def _account(found: Document) -> Account:
    return Account(
        found["id"],
        Role(found["role"]),
        found.get("password"),
        found.get("is_disabled") is True,
        found["created_ms"],
    )
