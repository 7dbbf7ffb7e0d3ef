"""What can be asked for as a machine: a typing error in a URL is told, and no library trips over it."""

import re

# Letters of any script, as names of hosts may have; an underscore, as those of containers do.
_NAME = re.compile(r"[\w.-]+")
_BRACKETED = re.compile(r"[0-9A-Fa-f:.]+(?:%\w+)?")
_WITH_PORT = re.compile(r"(?:\[(?P<bracketed>[^]]*)\]|(?P<name>[^:]*))(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
MOST_PORT = (1 << 16) - 1


def is_host(name: str) -> bool:
    """Say whether this is a machine's name or address; one of IPv6 without its brackets."""
    if ":" in name:
        return _BRACKETED.fullmatch(name) is not None
    try:
        return _NAME.fullmatch(name) is not None and bool(name.encode("idna"))
    except UnicodeError:
        return False


def is_host_with_port(text: str) -> bool:
    """Say whether this is `host`, `host:port` or `[address]:port`, where the port may be left out."""
    found = _WITH_PORT.fullmatch(text)
    if found is None or not 0 < int(found["port"] or 1) <= MOST_PORT:
        return False
    bracketed, name = found["bracketed"], found["name"]
    return ":" in bracketed and is_host(bracketed) if bracketed is not None else is_host(name)
