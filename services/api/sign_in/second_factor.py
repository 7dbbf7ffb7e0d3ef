"""The second factor of accounts with a password: codes of 30 seconds each (TOTP, RFC 6238), by pyotp.

The secret is sealed in the account's document. A code is used once by whoever is first, whichever replica is
asked; a recovery code may stand in for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from pyotp import TOTP, OTPVerificationError, random_base32

from catenae import Between, Documents
from services.api.paging import every
from services.api.sign_in.accounts import Account, Accounts
from services.api.sign_in.recovery_codes import RecoveryCodes
from services.api.sign_in.sealing import Seal

COLLECTION = "used_codes"
ISSUER = "Catenae screening"
# Clocks differ, and people type: the code before and the one after count as well (RFC 6238, 5.2).
STEPS_AROUND = 1
DIGITS = 6
STEP_S = 30
_KEPT_S = (2 * STEPS_AROUND + 1) * STEP_S


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that a device is to know: as text, and as the address that such devices take."""

    secret: str
    uri: str


class SecondFactors:
    """Those of all accounts."""

    def __init__(self, documents: Documents, accounts: Accounts, seal: Seal) -> None:
        self._documents = documents
        self._accounts = accounts
        self._seal = seal
        self._recovery = RecoveryCodes(documents)

    def prepare(self) -> None:
        """Create what makes looking codes up fast."""
        self._recovery.prepare()
        self._documents.ensure_index(COLLECTION, ["account", "used_s"])

    def offer(self, name: str) -> Offer:
        """Make a secret for an account. It counts once it is confirmed; until then, what there is does."""
        secret = random_base32()
        self._accounts.offer_second_factor(name, self._seal.seal(secret, name))
        return Offer(secret, TOTP(secret, name=name, issuer=ISSUER).provisioning_uri())

    def confirm(self, account: Account, code: str, now_s: float) -> Sequence[str] | None:
        """Have the offered secret count from now on, if this is a code of it; return new recovery codes.

        None if it is not, or nothing is offered.
        """
        if account.offered_factor is None or not self._fits(
            account.offered_factor, account.name, code, now_s
        ):
            return None
        self._accounts.set_second_factor(account.name, account.offered_factor)
        return self._recovery.renew(account.name)

    def accept(self, account: Account, code: str, now_s: float) -> Literal["code", "recovery code"] | None:
        """Use a code, or a recovery code in its place: say which it was, None if neither."""
        if account.second_factor is not None and self._fits(account.second_factor, account.name, code, now_s):
            return "code"
        return "recovery code" if self._recovery.use(account.name, code) else None

    def recovery_codes_left(self, name: str) -> int:
        """Return how many recovery codes an account still has."""
        return self._recovery.left(name)

    def _fits(self, sealed: str, name: str, code: str, now_s: float) -> bool:
        plain = "".join(code.split())
        if len(plain) != DIGITS or not (plain.isascii() and plain.isdigit()):
            return False
        secret = self._seal.open(sealed, name)
        if secret is None:
            return False
        try:
            step = TOTP(secret).verify_and_get_timecode(plain, for_time=now_s, valid_window=STEPS_AROUND)
        except OTPVerificationError:
            return False
        return self._is_first(name, f"{secret} {step}", now_s)

    def _is_first(self, name: str, which: str, now_s: float) -> bool:
        """Say whether a secret's code of a step was not taken before; it is from now on."""
        old = {"account": name, "used_s": Between(None, now_s - _KEPT_S)}
        self._documents.delete(
            COLLECTION, [each["id"] for each in every(self._documents, COLLECTION, old, fields=["id"])]
        )
        used = {"id": sha256(which.encode()).hexdigest(), "account": name, "used_s": now_s}
        return self._documents.insert(COLLECTION, used)


def reset(documents: Documents, accounts: Accounts, name: str) -> None:
    """Take the second factor from an account, and its recovery codes; raise AccountError without one."""
    accounts.set_second_factor(name, None)
    RecoveryCodes(documents).drop(name)
