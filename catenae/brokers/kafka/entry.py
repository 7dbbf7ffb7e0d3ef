"""What the properties say of how to get in to Kafka, whichever client they are for."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catenae.errors import ConfigError

# kafka-python's own names → those of Java and librdkafka.
_OTHER_NAMES = {
    "sasl.mechanisms": "sasl.mechanism",
    "sasl.plain.username": "sasl.username",
    "sasl.plain.password": "sasl.password",
    "ssl.cafile": "ssl.ca.location",
    "ssl.certfile": "ssl.certificate.location",
    "ssl.keyfile": "ssl.key.location",
    "ssl.password": "ssl.key.password",
    "ssl.crlfile": "ssl.crl.location",
}
_FILES = ("ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.crl.location")
_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_OFF = ("", "none", "false")
# What librdkafka takes for "look where the system has them".
PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Entry:
    """How a client comes in.

    protocol   security.protocol
    mechanism  of SASL; "" where the protocol has none
    context    for TLS; None where the protocol has none
    is_by_proxy  whether a proxy stands in between
    """

    protocol: str
    mechanism: str = ""
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False)
    is_by_proxy: bool = False

    @classmethod
    def of(cls, properties: Mapping[str, str]) -> "Entry":
        """Read the properties. Raises `ConfigError` for a protocol there is not, and for a missing file."""
        given = {_name(name): value for name, value in properties.items()}
        protocol = given.get("security.protocol", "PLAINTEXT").upper()
        if protocol not in _PROTOCOLS:
            raise ConfigError(
                f"the Kafka property security.protocol takes {', '.join(_PROTOCOLS)}; its value is another"
            )
        for name in _FILES:
            if given.get(name, PROBE) != PROBE and not Path(given[name]).exists():
                raise ConfigError(f"the Kafka property {name} names {given[name]!r}, where no file is")
        has_sasl = protocol.startswith("SASL")
        return cls(
            protocol,
            (given.get("sasl.mechanism") or "GSSAPI").upper() if has_sasl else "",
            given.get("sasl.username", ""),
            given.get("sasl.password", ""),
            _context(given) if protocol.endswith("SSL") else None,
            bool(given.get("proxy.url") or given.get("socks5.proxy")),
        )


def _name(name: str) -> str:
    dotted = name.replace("_", ".")
    return _OTHER_NAMES.get(dotted, dotted)


def _context(given: Mapping[str, str]) -> ssl.SSLContext:
    """Return what TLS is spoken with.

    Where no CA is given and Python finds none of the system's, it believes any certificate: a client may find
    them.
    """
    context = ssl.create_default_context()
    context.check_hostname = given.get("ssl.endpoint.identification.algorithm", "https") not in _OFF
    context.check_hostname &= given.get("ssl.check.hostname", "true").lower() not in _OFF
    authority = given.get("ssl.ca.location", PROBE).replace(PROBE, "")
    knows_some = authority or context.cert_store_stats()["x509_ca"]
    if not knows_some or given.get("enable.ssl.certificate.verification", "true").lower() in _OFF:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        if authority:
            is_folder = Path(authority).is_dir()
            context.load_verify_locations(**{"capath" if is_folder else "cafile": authority})
        if given.get("ssl.certificate.location"):
            context.load_cert_chain(
                given["ssl.certificate.location"],
                given.get("ssl.key.location"),
                given.get("ssl.key.password", ""),
            )
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise ConfigError(
            f"a file that the Kafka properties ssl.… name cannot be used: {reason}. Certificates and keys "
            f"are taken in PEM, with the key's password"
        ) from error
    return context
