"""Where an Aerospike cluster is and how to talk to it, read from a URL."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from catenae.errors import ConfigError
from catenae.host import is_host

DEFAULT_PORT = 3000
DEFAULT_SET = "catenae"
# As the server limits them.
MAX_NAMESPACE_CHARACTERS = 31
MAX_SET_CHARACTERS = 63
OPTIONS = ("set", "timeout_s", "cluster_name", "services_alternate", "tls", "tls_name", "tls_ca_file")


@dataclass(frozen=True, slots=True)
class AerospikeAddress:
    """What the URL says.

    hosts               of any nodes of the cluster; the client finds the others
    namespace           Aerospike's own, not a Store's: a part of the cluster with its own disks
    set_name            Aerospike's table; stores of different sets see nothing of each other
    timeout_s           seconds the cluster may take for one request
    cluster_name        of the servers' configuration: others are not talked to; any, unless given
    services_alternate  nodes are reached by their alternate addresses, as behind NAT
    tls, user           of the Enterprise Edition; `tls_name` is what the nodes' certificates must say, the
                        name of the host unless given
    """

    hosts: Sequence[tuple[str, int]]
    namespace: str
    set_name: str = DEFAULT_SET
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = 1.0
    cluster_name: str = ""
    services_alternate: bool = False
    tls: bool = False
    tls_name: str = ""
    tls_ca_file: str = ""

    @classmethod
    def parse(cls, address: str) -> "AerospikeAddress":
        """Read `//[user:password@]host[:port][,…]/namespace[?option=value&…]`; raise ConfigError.

        No error repeats the address, which may hold a password.
        """
        parts = urlsplit(address)
        namespace = parts.path.removeprefix("/")
        if len(namespace) > MAX_NAMESPACE_CHARACTERS:
            raise ConfigError(
                f"store: an Aerospike URL names a namespace of {len(namespace)} characters; servers take "
                f"{MAX_NAMESPACE_CHARACTERS} at most. Use the name in the server's configuration"
            )
        if not parts.netloc or not namespace or "/" in namespace:
            raise ConfigError(
                "store: an Aerospike URL lacks its host or namespace. "
                "Write aerospike://[user:password@]host[:port][,…]/namespace"
            )
        user, password = _credentials(parts)
        return cls(_hosts(parts), namespace, user=user, password=password, **_options(parts))

    @property
    def places(self) -> str:
        """The hosts, for messages."""
        return ", ".join(f"{host}:{port}" for host, port in self.hosts)

    def client_config(self) -> dict[str, Any]:
        """Return what `aerospike.client` takes; requests are bounded, and only reads are repeated by it."""
        timeout_ms = round(self.timeout_s * 1000)
        bounded = {"total_timeout": timeout_ms, "socket_timeout": timeout_ms, "connect_timeout": timeout_ms}
        config: dict[str, Any] = {
            "hosts": [(*host, self.tls_name or host[0]) if self.tls else host for host in self.hosts],
            "validate_keys": True,
            "connect_timeout": timeout_ms,
            "use_services_alternate": self.services_alternate,
            "policies": {
                "batch": {**bounded, "max_retries": 2, "sleep_between_retries": 50},
                # Repeated by WriteRound, which knows how to tell what became of the first one.
                "batch_parent_write": {**bounded, "max_retries": 0},
                "info": {"timeout": timeout_ms},
            },
        }
        if self.cluster_name:
            config["cluster_name"] = self.cluster_name
        if self.user:
            config |= {"user": self.user, "password": self.password}
        if self.tls:
            config["tls"] = {"enable": True} | ({"cafile": self.tls_ca_file} if self.tls_ca_file else {})
        return config


def _credentials(parts: SplitResult) -> tuple[str, str]:
    userinfo, _, _ = parts.netloc.rpartition("@")
    user, _, password = userinfo.partition(":")
    return unquote(user), unquote(password)


def _hosts(parts: SplitResult) -> tuple[tuple[str, int], ...]:
    hosts = []
    for each in parts.netloc.rpartition("@")[2].split(","):
        try:
            found = urlsplit(f"//{each}")
            host, port = found.hostname, found.port or DEFAULT_PORT
        except ValueError:
            host, port = None, 0
        if host is None or not is_host(host):
            raise ConfigError("store: an Aerospike URL has an unfit host. Write host:port, several by commas")
        hosts.append((host, port))
    return tuple(hosts)


def _options(parts: SplitResult) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        match name:
            case "set" if 1 <= len(value) <= MAX_SET_CHARACTERS and not set(value) & set(":;"):
                options["set_name"] = value
            case "timeout_s" if value.replace(".", "", 1).isdecimal() and float(value) > 0:
                options["timeout_s"] = float(value)
            case "tls" | "services_alternate" if value in ("true", "false"):
                options[name] = value == "true"
            case "tls_name" | "tls_ca_file" | "cluster_name" if value:
                options[name] = value
            case _:
                raise ConfigError(
                    f"store: an Aerospike URL was given the option {name!r} with a value it does not take; "
                    f"it takes {', '.join(OPTIONS)}: texts, seconds above 0, true or false"
                )
    return options
