"""Names as keyed hashes: enough to know who was seen or is to be left alone, without keeping a name."""

import hashlib
import secrets

from catenae import Store

NAMESPACE = "reddit.names"
# No user is called so.
_KEY = "@"
_KEY_BYTES = 32


class Names:
    """Turns names into hashes by a secret that all instances share, and keeps those that are suppressed.

    The secret is made once and lies in the store, so whoever can read the store can still try names out.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        made = secrets.token_bytes(_KEY_BYTES)
        is_first = store.put_if_absent(NAMESPACE, _KEY, made)
        entry = None if is_first else store.get(NAMESPACE, _KEY)
        self._key = made if entry is None else entry.value

    def hash(self, name: str) -> str:
        """Return 32 hexadecimal digits, always the same for a name."""
        encoded = name.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(encoded, key=self._key, digest_size=16).hexdigest()

    def suppress(self, name: str) -> None:
        """Have a user left alone for ever, however the name is written; again is fine."""
        for each in {name, name.casefold()}:
            self._store.put(NAMESPACE, self.hash(each), b"")

    def is_suppressed(self, name: str) -> bool:
        """Say whether a user is left alone. Reddit's names are the same in upper and lower case."""
        hashes = (self.hash(each) for each in (name, name.casefold()))
        return any(self._store.get(NAMESPACE, each) is not None for each in hashes)
