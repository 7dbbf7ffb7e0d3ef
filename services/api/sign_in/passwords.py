"""Passwords: hashed with Argon2id, and checked in the same time whether or not there is an account."""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 12, 128
# Each takes 64 MiB and a core: more at once would only make all of them slower.
AT_ONCE = 2


class Unfit(Exception):
    """A password that is not taken; says why."""


class Passwords:
    """Makes and checks hashes of RFC 9106's second recommended kind. Thread-safe."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(AT_ONCE)
        self._nobody = self._hasher.hash(secrets.token_hex())

    def hashed(self, password: str, name: str) -> str:
        """Return the hash of a new password; raise Unfit for a weak one."""
        if not _is_text(password):
            raise Unfit("a password is text in UTF-8, this one is not")
        if not LEAST <= len(password) <= MOST:
            raise Unfit(f"a password has {LEAST} to {MOST} characters, this one has {len(password)}")
        if len(set(password)) < LEAST // 2 or name.casefold() in password.casefold():
            raise Unfit("a password is neither made of a few characters nor holds the account's name")
        with self._turns:
            return self._hasher.hash(password)

    def fits(self, password: str, known: str | None) -> bool:
        """Say whether a password has this hash; None stands for no account, and takes as long."""
        if len(password) > MOST or not _is_text(password):
            return False
        with self._turns:
            try:
                return self._hasher.verify(known or self._nobody, password) and known is not None
            except (VerificationError, InvalidHashError):
                return False


def _is_text(password: str) -> bool:
    """Say whether it is made of whole letters: nothing else can be hashed, or typed by anybody."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True


def generated() -> str:
    """Return a new password of 128 random bits."""
    return secrets.token_urlsafe(16)
