"""A virtual environment for each set of packages, made once and kept."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

CACHE_VARIABLE = "CATENAE_BENCHMARKS_CACHE"


def python_with(packages: Sequence[str]) -> Path:
    """Return a Python interpreter that has the packages; for none of them, the one that runs this."""
    if not packages:
        return Path(sys.executable)
    cache = Path(os.environ.get(CACHE_VARIABLE) or Path.home() / ".cache" / "catenae-benchmarks")
    name = hashlib.sha256("\n".join((sys.version, *packages)).encode()).hexdigest()[:12]
    folder, finished = cache / name, cache / name / "finished"
    if not finished.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = folder / "bin" / "pip"
        options = ("--quiet", "--disable-pip-version-check")
        subprocess.run([pip, "install", *options, *packages], check=True)
        finished.touch()
    return folder / "bin" / "python"


def versions(python: Path) -> dict[str, str]:
    """Return the version of each package that an interpreter has."""
    listing = subprocess.run(
        [python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"],
        check=True,
        capture_output=True,
    )
    return {each["name"]: each["version"] for each in json.loads(listing.stdout)}
