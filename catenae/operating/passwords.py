"""The passwords by which nodes and servers know each other, each in a file that nothing else is in.

The folder is its owner's alone. The files in it can be read by whoever gets into it, since a container's user
is another one: Compose hands them over as they are.
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from catenae.errors import ConfigError
from catenae.operating.principals import OUTSIDER
from catenae.private_files import tighten
from catenae.topology.graph import Topology

# Who may alter Kafka and MongoDB, and speaks between brokers.
OPERATOR = "operator"
# What Kafka is told: all of them.
KAFKA = "kafka"
_BYTES = 24
_FIT = re.compile(r"[A-Za-z0-9._~-]+")
_LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"


def write_passwords(topologies: Sequence[Topology], folder: Path) -> Iterator[Path]:
    """Write those that are missing, and what Kafka is told of them; yield each file that was written.

    Raises `ConfigError` where that cannot be.
    """
    names = [OPERATOR, OUTSIDER, *(node.name for each in topologies for node in each.nodes)]
    try:
        tighten(folder)
        for name in dict.fromkeys(names):
            if not (folder / name).exists():
                # No line: whoever reads it takes it as it is.
                yield _write(folder / name, secrets.token_hex(_BYTES))
        known = {
            file.name: password(folder, file.name) for file in sorted(folder.iterdir()) if file.name in names
        }
        yield _write(folder / KAFKA, login(known))
    except OSError as error:
        raise ConfigError(f"--folder: {str(folder)!r} cannot be written: {error.strerror}") from error


def password(folder: Path, name: str) -> str:
    """Return the password of a node or server; raise `ConfigError` where it is missing."""
    file = folder / name
    try:
        found = file.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the password of {name!r} is not in {str(file)!r}; `catenae passwords` writes what is missing"
        ) from error
    if not _FIT.fullmatch(found):
        raise ConfigError(
            f"the password of {name!r} in {str(file)!r} is empty, or more than letters, digits and ._~-, "
            f"which every server takes as they are; remove the file, and `catenae passwords` writes another"
        )
    return found


def login(passwords: dict[str, str]) -> str:
    """Return the properties that Kafka reads: who it is itself, and whom it lets in."""
    users = " ".join(f'user_{name}="{text}"' for name, text in passwords.items())
    return f'login={_LOGIN} required username="{OPERATOR}" password="{passwords[OPERATOR]}" {users};\n'


def _write(path: Path, text: str) -> Path:
    """Write a file anew, in one step."""
    written = path.with_name(f".{path.name}")
    written.unlink(missing_ok=True)
    written.touch(mode=0o600, exist_ok=False)
    written.write_text(text, encoding="ascii")
    written.chmod(0o444)
    return written.replace(path)
