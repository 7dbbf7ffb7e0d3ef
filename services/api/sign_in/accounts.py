"""Accounts: who may sign in, in which role. Kept as documents; only the command line makes them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from catenae import Document, Documents
from services.api.answers import Role
from services.api.paging import every
from services.api.sign_in.passwords import Passwords
from services.api.sign_in.sealing import Seal

COLLECTION = "accounts"
# So says OpenID Connect.
LONGEST_SUBJECT = 255
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}")


class AccountError(Exception):
    """An account that cannot be made or changed as asked; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to an issuer of OpenID Connect: only both together are always the same person."""

    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class Account:
    """Who may sign in. `password` is a hash, None where only OpenID Connect lets them in.

    second_factor   the sealed secret whose codes are asked for beside the password, None if none are
    offered_factor  one that is yet to be confirmed
    """

    name: str
    role: Role
    password: str | None
    is_disabled: bool
    created_ms: int
    second_factor: str | None = None
    offered_factor: str | None = None


class Accounts:
    """All accounts."""

    def __init__(self, documents: Documents, passwords: Passwords) -> None:
        self._documents = documents
        self._passwords = passwords

    def add(self, name: str, role: Role, way: str | Identity, now_ms: int) -> None:
        """Make an account that signs in by a password or by OpenID Connect, never both.

        Raises AccountError if there is one, or another has the identity, and Unfit for a weak password.
        """
        if not NAME.fullmatch(name):
            raise AccountError(
                f"account {name!r} has no fit name; use up to 64 letters, digits, '.', '_', '@' and '-'"
            )
        made = {"id": name, "role": role.value, "created_ms": now_ms, **self._way(name, way)}
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

    def with_identity(self, identity: Identity) -> Account | None:
        """Return the account with this identity, None if there is none; it may be disabled."""
        found = self._documents.find(
            COLLECTION, {"issuer": identity.issuer, "subject": identity.subject}, limit=1
        ).documents
        return _account(found[0]) if found else None

    def set_way(self, name: str, way: str | Identity) -> None:
        """Give an account another password or identity, instead of any that it had; raise as `add`."""
        self._change(name, **self._way(name, way))

    def set_role(self, name: str, role: Role) -> None:
        """Give an account another role; raise AccountError without one."""
        self._change(name, role=role.value)

    def set_disabled(self, name: str, *, is_disabled: bool) -> None:
        """Let an account sign in no more, or again; raise AccountError without one."""
        self._change(name, is_disabled=is_disabled or None)

    def offer_second_factor(self, name: str, sealed: str) -> None:
        """Keep a secret that is yet to be confirmed; raise AccountError without an account."""
        self._change(name, offered_factor=sealed)

    def set_second_factor(self, name: str, sealed: str | None) -> None:
        """Have codes of a secret asked for, or of none, and offer none; raise AccountError without one."""
        self._change(name, second_factor=sealed, offered_factor=None)

    def _way(self, name: str, way: str | Identity) -> dict[str, str | None]:
        if isinstance(way, str):
            return {"password": self._passwords.hashed(way, name), "issuer": None, "subject": None}
        if not 0 < len(way.subject) <= LONGEST_SUBJECT or not way.subject.isprintable():
            raise AccountError(
                f"{way.subject!r} is nobody's subject; give the `sub` by which the issuer knows them, up to "
                f"{LONGEST_SUBJECT} characters"
            )
        other = self.with_identity(way)
        if other is not None and other.name != name:
            raise AccountError(f"account {other.name!r} has this subject already; nobody has two accounts")
        # Whoever signs in elsewhere is asked for a second factor there.
        ended = {"password": None, "second_factor": None, "offered_factor": None}
        return {**ended, "issuer": way.issuer, "subject": way.subject}

    def _change(self, name: str, **fields: str | bool | None) -> None:
        if not self._documents.merge(COLLECTION, [{"id": name, **fields}], create=False):
            raise AccountError(f"there is no account {name!r}; `user list` shows those there are")


def seal_anew(documents: Documents, former: Seal, new: Seal) -> None:
    """Seal the secrets of all accounts with another key; those that are already stay as they are."""
    for found in every(documents, COLLECTION):
        opened = {
            field: former.open(found[field], found["id"])
            for field in ("second_factor", "offered_factor")
            if found.get(field) is not None
        }
        sealed = {field: new.seal(text, found["id"]) for field, text in opened.items() if text is not None}
        if sealed:
            documents.merge(COLLECTION, [{"id": found["id"], **sealed}], create=False)


def _account(found: Document) -> Account:
    return Account(
        found["id"],
        Role(found["role"]),
        found.get("password"),
        found.get("is_disabled") is True,
        found["created_ms"],
        found.get("second_factor"),
        found.get("offered_factor"),
    )
