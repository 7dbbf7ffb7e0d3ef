"""The stores, and how a URL becomes one.

To add one: a module here, a line in a table below, a parameter of its contract suite. A scheme that needs an
extra is spelt like that extra.
"""

from collections.abc import Mapping
from importlib import import_module
from operator import attrgetter
from typing import Any

from catenae.errors import ConfigError
from catenae.store import Documents, Store

__all__ = ["check_store_url", "open_documents", "open_store"]

# Where the function is that opens the part of the URL after the colon.
_STORES = {
    "aerospike": "catenae.stores.aerospike:open_aerospike",
    "embedded": "catenae.stores.embedded:open_embedded",
}
# What reads the same part, or refuses it, and needs no extra.
_READERS = {
    "aerospike": "catenae.stores.aerospike_address:AerospikeAddress.parse",
    "embedded": "catenae.lmdb.options:LmdbOptions.parse",
}
_DOCUMENTS = {
    "mongodb": "catenae.stores.mongodb:open_mongodb",
    "mongodb+srv": "catenae.stores.mongodb:open_mongodb_srv",
    "sqlite": "catenae.stores.sqlite:open_sqlite",
}


def open_store(url: str) -> Store:
    """Open a key-value store; raise ConfigError for a URL that names none.

    embedded:PATH  an LMDB folder shared by the processes of one machine; options as LmdbOptions.parse takes
    embedded:      in memory, a new one with every call
    aerospike://[user:password@]host[:port][,…]/namespace[?set=…]  a cluster; as AerospikeAddress.parse takes
    """
    store: Store = _open("store", url, _STORES)
    return store


def check_store_url(url: str) -> None:
    """Raise ConfigError for a URL that `open_store` would not take; opens nothing."""
    if url != "embedded:":
        _open("store", url, _READERS)


def open_documents(url: str) -> Documents:
    """Open a document store; raise ConfigError for a URL that names none.

    sqlite:PATH  a SQLite file shared by the processes of one machine
    sqlite:      in memory, a new one with every call
    mongodb://[user:password@]host[:port][,…]/database[?tls=true]  a server; mongodb+srv: finds it in the DNS
    """
    documents: Documents = _open("documents", url, _DOCUMENTS)
    return documents


def _open(kind: str, url: str, openers: Mapping[str, str]) -> Any:
    scheme, colon, address = url.partition(":")
    if not colon or scheme not in openers:
        # Never the URL itself: it may hold a password.
        found = f"the scheme {scheme!r}" if colon else "a URL without a scheme"
        raise ConfigError(
            f"{kind}: found {found}; known are {', '.join(f'{name}:' for name in sorted(openers))}. Use one"
        )
    module, _, function = openers[scheme].partition(":")
    try:
        # Imported when asked for, because what a scheme needs is installed only where it is used.
        opener = attrgetter(function)(import_module(module))
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{kind}: the scheme {scheme!r} needs the module {error.name!r}, which is not installed. "
            f"Install catenae[{scheme.partition('+')[0]}]"
        ) from error
    return opener(address)
