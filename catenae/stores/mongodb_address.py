"""Where a MongoDB is: its URL, and what the client is told beside it."""

from typing import Any

from pymongo.errors import ConfigurationError
from pymongo.uri_parser import parse_uri

from catenae.errors import ConfigError
from catenae.host import is_host

PASSWORD_VARIABLE = "CATENAE_MONGODB_PASSWORD"  # noqa: S105  the name of a variable
# The URL may say otherwise.
DEFAULTS = {
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 30_000,
    "waitQueueTimeoutMS": 30_000,
}


def parsed(url: str, password: str) -> tuple[str, dict[str, Any]]:
    """Return the database of a URL, and what the client is told beside it; raise `ConfigError`.

    password  of the user that the URL names without one
    """
    try:
        # Made an error, because the client but warns of an option that it then ignores: TLS, for one.
        found = parse_uri(url, warn=False)
    except (ConfigurationError, ValueError) as error:
        # Not chained, and without its text: both may hold a part of the password.
        raise _unfit(type(error).__name__) from None
    # A socket of this machine is a path, without a port.
    if not all(port is None or is_host(host) for host, port in found["nodelist"]):
        raise _unfit("a host of it can be none")
    if not found["database"] or found["collection"]:
        raise _unfit("its path is not the name of a database")
    options: dict[str, Any] = {name: each for name, each in DEFAULTS.items() if name not in found["options"]}
    if found["username"] and not found["password"]:
        if not password:
            raise _unfit(
                f"it names a user without a password, and neither {PASSWORD_VARIABLE} nor a file has it"
            )
        options["password"] = password
    return found["database"], options


def _unfit(why: str) -> ConfigError:
    return ConfigError(
        f"documents: the MongoDB URL cannot be used, {why}. Write "
        "mongodb://[user:password@]host[:port][,…]/database[?tls=true], user and password %-escaped"
    )
