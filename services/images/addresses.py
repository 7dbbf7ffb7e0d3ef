"""Which addresses are those of the public internet, so that nobody has this machine ask its neighbours."""

from collections.abc import Sequence
from ipaddress import IPv6Address, IPv6Network, ip_address

from services.images.images import NoImage

# Of IPv6 what is given out to the public, less what has an address of IPv4 in it: RFC 4291, 3056, 4380.
_PUBLIC = IPv6Network("2000::/3")
_CARRIERS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))


def public_address(addresses: Sequence[str]) -> str:
    """Return the first of a host's addresses; raise NoImage where there is none, or any is not public.

    A host that names both is up to something.
    """
    if not addresses:
        raise NoImage("unreachable")
    if not all(is_public(each) for each in addresses):
        raise NoImage("address not public")
    return addresses[0]


def is_public(text: str) -> bool:
    """Say whether an address is one of the public internet: not private, local, reserved, nor of many."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and not _is_public_v6(address):
        return False
    return address.is_global and not address.is_multicast


def _is_public_v6(address: IPv6Address) -> bool:
    return address in _PUBLIC and not any(address in each for each in _CARRIERS)
