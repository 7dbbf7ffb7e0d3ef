"""Passwords: hashed with Argon2id, and checked in the same time whether or not there is an account."""

import re
import secrets
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 12, 128
COMMON = Path(__file__).with_name("common_passwords.txt")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
# Letters as digits and signs stand for them.
_SPELT = str.maketrans("4@301!5$7", "aaeoiisst")
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
        if is_common(password):
            raise Unfit("this password is, or is made of, one that very many people have")
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


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def is_common(password: str) -> bool:
    """Say whether a password is one that guessers try first, also with digits around it or several times."""
    plain = password.casefold()
    core = _AROUND.sub("", plain)
    once = re.fullmatch(r"(.{3,}?)\1+", core)
    spelt = plain.translate(_SPELT)
    tried = {plain, core, spelt, _AROUND.sub("", spelt), once[1] if once else plain}
    return not tried.isdisjoint(_common())


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
