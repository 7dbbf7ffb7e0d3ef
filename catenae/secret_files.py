"""What the environment says, or a file that it names: `NAME_FILE` in place of `NAME`, for secrets of Docker.

A value in the environment is seen by whoever may inspect the process or its container; a file has readers.
"""

from collections.abc import Mapping
from pathlib import Path

from catenae.errors import ConfigError

SUFFIX = "_FILE"


def read_secret(environment: Mapping[str, str], variable: str) -> str:
    """Return the value of a variable, or what is in the file that `<variable>_FILE` names; "" for neither.

    White space around what is in the file is left out. Raises ConfigError where both are given, and for a
    file that cannot be read or has nothing in it; never with any of its text.
    """
    value, path = environment.get(variable, ""), environment.get(variable + SUFFIX, "")
    if value and path:
        raise ConfigError(f"{variable} and {variable}{SUFFIX} are both given; unset one of them")
    return _read(variable + SUFFIX, path) if path else value


def read_secrets(environment: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return the variables that begin so and have a value, without that prefix and without _FILE."""
    named = {each.removesuffix(SUFFIX) for each in environment if each.startswith(prefix)}
    found = {each.removeprefix(prefix): read_secret(environment, each) for each in sorted(named)}
    return {name: value for name, value in found.items() if value}


def _read(variable: str, path: str) -> str:
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{variable} names {path!r}, which cannot be read: {why}") from None
    if not text:
        raise ConfigError(f"{variable} names {path!r}, which is empty; put the value into it")
    return text
