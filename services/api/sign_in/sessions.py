"""Sessions: kept on the server, known to the browser by a random token of which only the hash is kept."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from catenae import Document, Documents
from services.api.answers import Role
from services.api.paging import every
from services.api.sign_in.accounts import Accounts

COLLECTION = "sessions"
LONGEST_MS = 12 * 3600 * 1000
IDLE_MS = 30 * 60 * 1000
# That somebody is still there is noted no more often than this.
SEEN_EVERY_MS = 60 * 1000


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in; `id` is the hash of the token."""

    id: str
    name: str
    role: Role
    expires_ms: int
    has_password: bool
    has_second_factor: bool = False


@dataclass(frozen=True, slots=True)
class Going:
    """A session that has not ended, as its account may see it."""

    id: str
    begun_ms: int
    seen_ms: int


class Sessions:
    """All sessions. What an account may no longer do, its sessions may not from the next request on."""

    def __init__(self, documents: Documents, accounts: Accounts) -> None:
        self._documents = documents
        self._accounts = accounts

    def prepare(self) -> None:
        """Create what makes looking sessions up fast."""
        self._documents.ensure_index(COLLECTION, ["account"])

    def begin(self, name: str, now_ms: int) -> str:
        """Sign an account in; return the token, which is nowhere else."""
        token = secrets.token_urlsafe(32)
        begun = {"account": name, "expires_ms": now_ms + LONGEST_MS, "seen_ms": now_ms}
        self._documents.insert(COLLECTION, {"id": _hashed(token), **begun})
        return token

    def find(self, token: str, now_ms: int) -> Session | None:
        """Return the session of a token, None if it has ended or its account may no longer sign in."""
        session_id = _hashed(token)
        found = self._documents.get(COLLECTION, session_id)
        if found is None:
            return None
        account = self._accounts.get(found["account"])
        if _is_over(found, now_ms) or account is None or account.is_disabled:
            self.end([session_id])
            return None
        if now_ms - found["seen_ms"] >= SEEN_EVERY_MS:
            self._documents.merge(COLLECTION, [{"id": session_id, "seen_ms": now_ms}], create=False)
        return Session(
            session_id,
            account.name,
            account.role,
            found["expires_ms"],
            has_password=account.password is not None,
            has_second_factor=account.second_factor is not None,
        )

    def alive(self, session_ids: Iterable[str], now_ms: int) -> set[str]:
        """Return which of these sessions have not ended."""
        found = self._documents.get_many(COLLECTION, session_ids)
        return {
            each
            for each, session in found.items()
            if not _is_over(session, now_ms)
            and (account := self._accounts.get(session["account"])) is not None
            and not account.is_disabled
        }

    def of_account(self, name: str, now_ms: int) -> list[Going]:
        """Return the sessions of an account that go on, the one that was used last first."""
        going = [
            Going(each["id"], each["expires_ms"] - LONGEST_MS, each["seen_ms"])
            for each in every(self._documents, COLLECTION, {"account": name})
            if not _is_over(each, now_ms)
        ]
        return sorted(going, key=lambda each: -each.seen_ms)

    def end(self, session_ids: Iterable[str]) -> None:
        """End sessions."""
        self._documents.delete(COLLECTION, session_ids)

    def end_all(self, name: str, but: str = "") -> None:
        """End every session of an account, one perhaps left out."""
        found = list(every(self._documents, COLLECTION, {"account": name}, fields=["id"]))
        self.end(each["id"] for each in found if each["id"] != but)


def _is_over(found: Document, now_ms: int) -> bool:
    return bool(now_ms >= found["expires_ms"] or now_ms - found["seen_ms"] >= IDLE_MS)


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
