"""Recovery codes: what opens an account once each where the device of its second factor is lost."""

import secrets
from base64 import b32encode
from collections.abc import Sequence
from hashlib import sha256

from catenae import Documents
from services.api.paging import every

COLLECTION = "recovery_codes"
NUMBER = 10
# 120 random bits, so that a plain hash keeps them: nobody tries them all.
_BYTES = 15
_GROUP = 6


class RecoveryCodes:
    """Those of all accounts, of which only hashes are kept."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def prepare(self) -> None:
        """Create what makes looking them up fast."""
        self._documents.ensure_index(COLLECTION, ["account"])

    def renew(self, name: str) -> Sequence[str]:
        """Make new ones for an account, in place of any that it had; return them, who are nowhere else."""
        self.drop(name)
        codes = [b32encode(secrets.token_bytes(_BYTES)).decode().lower() for _ in range(NUMBER)]
        self._documents.upsert(COLLECTION, [{"id": _hashed(name, each), "account": name} for each in codes])
        return ["-".join(each[at : at + _GROUP] for at in range(0, len(each), _GROUP)) for each in codes]

    def use(self, name: str, code: str) -> bool:
        """Say whether this is one of the account's; it is none any more, whoever else says it as well."""
        return self._documents.delete(COLLECTION, [_hashed(name, code)]) == 1

    def left(self, name: str) -> int:
        """Return how many an account has."""
        return self._documents.count(COLLECTION, {"account": name})

    def drop(self, name: str) -> None:
        """Have an account have none."""
        kept = [each["id"] for each in every(self._documents, COLLECTION, {"account": name}, fields=["id"])]
        self._documents.delete(COLLECTION, kept)


def _hashed(name: str, code: str) -> str:
    plain = "".join(each for each in code.casefold() if each.isalnum())
    return sha256(f"{name}\0{plain}".encode("utf-8", "surrogatepass")).hexdigest()
