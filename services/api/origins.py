"""Origins: scheme, host and port, however they are written. RFC 6454."""

from typing import NamedTuple
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where a page comes from; the host in lower case and ASCII, without a dot at its end."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, text: str) -> "Origin | None":
        """Return what a text such as https://host:port says; None for anything else, or more than that."""
        try:
            parts = urlsplit(text)
            host = (parts.hostname or "").removesuffix(".")
            ascii_host = host if ":" in host else host.encode("idna").decode("ascii").lower()
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            return None
        is_bare = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
        is_one = is_bare and not text.endswith(("?", "#")) and bool(ascii_host)
        return cls(parts.scheme, ascii_host, port) if is_one and parts.scheme in _PORTS else None

    @property
    def text(self) -> str:
        """As browsers write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"
