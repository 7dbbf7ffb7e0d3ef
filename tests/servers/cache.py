"""What takes long to obtain is made once and kept outside the repository."""

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.servers.unavailable import ServerUnavailable


def cache_folder() -> Path:
    """Return the folder of all that is kept: CATENAE_SERVERS_CACHE, else ~/.cache/catenae-servers."""
    return Path(os.environ.get("CATENAE_SERVERS_CACHE", "~/.cache/catenae-servers")).expanduser()


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `name`; if it is not there, `make` fills it, whole or not at all, in one process."""
    root = cache_folder()
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as lock, tempfile.TemporaryDirectory(dir=root) as unfinished:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / name).exists():
            made = Path(unfinished) / name
            made.mkdir()
            make(made)
            made.rename(root / name)
    return root / name


def obtain(command: Sequence[str | Path], cwd: Path | None = None, **environment: str) -> None:
    """Run `command` to its end. Raises ServerUnavailable, with its last words, if it is missing or fails."""
    try:
        subprocess.run(
            command,
            check=True,
            cwd=cwd,
            env=os.environ | environment,
            text=True,
            capture_output=True,
            timeout=900,
        )
    except FileNotFoundError as error:
        raise ServerUnavailable(f"{command[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        words = (error.stdout + error.stderr).strip()[-600:]
        raise ServerUnavailable(f"{command[0]} failed with status {error.returncode}: {words}") from error
