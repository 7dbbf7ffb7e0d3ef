"""Passwords and certificates as secrets: files beside the Compose file, in containers under /run/secrets."""

from collections.abc import Iterable, Sequence

from catenae.operating.compose.yaml import word
from catenae.operating.passwords import KAFKA, OPERATOR

FOLDER = "${CATENAE_SECRETS:-./secrets}"
# Of whom the container is, whatever that is called.
PASSWORD = "password"  # noqa: S105  the name of a file
PASSWORD_FILE = f"/run/secrets/{PASSWORD}"
# A server's certificates with its key, and whom everybody trusts.
CERTIFICATE, AUTHORITY = "certificate", "authority"
CERTIFICATE_FILE, AUTHORITY_FILE = f"/run/secrets/{CERTIFICATE}", f"/run/secrets/{AUTHORITY}"


def mounted(name: str, others: Iterable[str] = ()) -> str:
    """Return the secrets of a service: its own password, and others under their names."""
    rest = "".join(f"      - {word(each)}\n" for each in others)
    return f"    secrets:\n      - {{source: {word(name)}, target: {PASSWORD}}}\n{rest}"


def secrets(nodes: Sequence[str], *, has_tls: bool) -> str:
    """Return where all of them are."""
    certificates = (CERTIFICATE, AUTHORITY) if has_tls else ()
    return "secrets:\n" + "".join(
        f"  {word(name)}:\n    file: {FOLDER}/{name}\n" for name in (KAFKA, OPERATOR, *certificates, *nodes)
    )
