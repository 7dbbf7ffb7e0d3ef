r"""By which name the store knows what a State keeps of a key.

    ann              what is kept of the key itself
    ann \0 likes \0  what is kept of it under the sub-key "likes"
    ann \0 \0        the sub-keys that it has

Keys begin and end with something else than NUL, and sub-keys have none: so no two of these are the same, and
of each name it shows whose it is.
"""

from typing import TypeGuard

from catenae.runtime.journal import RESERVED


def is_key(key: object) -> TypeGuard[str]:
    """Say whether a State may have this key."""
    return isinstance(key, str) and not key.startswith(RESERVED) and not key.endswith(RESERVED)


def name_of(key: object) -> str:
    """Return the name of a key, or of a key and its sub-key; raise TypeError or ValueError otherwise."""
    if is_key(key):
        return key
    if isinstance(key, tuple) and len(key) == 2:
        return f"{checked_key(key[0])}{RESERVED}{_checked_sub_key(key[1])}{RESERVED}"
    return checked_key(key)


def directory_of(key: str) -> str:
    """Return the name under which the sub-keys of a key are listed."""
    return f"{key}{RESERVED}{RESERVED}"


def is_directory(name: str) -> bool:
    """Say whether a name is that of a key's list of sub-keys."""
    return name.endswith(RESERVED + RESERVED)


def key_of(name: str) -> str | tuple[str, str] | None:
    """Return what authors call a name: its key, or key and sub-key; None for a list of sub-keys."""
    if not name.endswith(RESERVED):
        return name
    key, _, sub_key = name[:-1].rpartition(RESERVED)
    return (key, sub_key) if sub_key else None


def owner_of(name: str) -> str:
    """Return the key to which a name in the store belongs."""
    return name[:-1].rpartition(RESERVED)[0] if name.endswith(RESERVED) else name


def checked_key(key: object) -> str:
    """Return a key that a State may have; raise TypeError or ValueError for any other."""
    if not isinstance(key, str):
        raise TypeError(
            f"a State key is of type {type(key).__name__}. Give messages a key of type str; a part of what "
            f"is kept of it is state[message.key, 'part']"
        )
    if not is_key(key):
        raise ValueError(
            "a State key begins or ends with NUL, which is reserved. Put something before and after it"
        )
    return key


def _checked_sub_key(sub_key: object) -> str:
    if not isinstance(sub_key, str):
        raise TypeError(
            f"a State sub-key is of type {type(sub_key).__name__}. Give a str, such as str(number)"
        )
    if not sub_key or RESERVED in sub_key:
        raise ValueError("a State sub-key is empty or has a NUL. Give it a name without one")
    return sub_key
