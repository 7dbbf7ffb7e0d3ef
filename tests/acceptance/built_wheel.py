"""The library as somebody else has it: a wheel, built of this repository as it is."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.acceptance.command import ROOT

_PARTS = ("LICENSE", "README.md", "catenae", "pyproject.toml")


def built_wheel(folder: Path) -> Path:
    """Build it in a folder of its own, so that nothing of it stays in the repository."""
    sources, wheels = folder / "sources", folder / "wheels"
    for name in _PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            sources.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, sources / name)
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir"]
    subprocess.run([sys.executable, "-m", "pip", *build, wheels, sources], check=True)
    [wheel] = wheels.glob("*.whl")
    return wheel
