"""The checksum of a package that others keep: of what they made, and of nothing that this machine made."""

from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from services.classifiers.encoders.foreign import checksum

THEIRS = {"weights.bin": b"1 2 3", "kept/code.py": b"print()"}


def installed(site: Path, files: dict[str, bytes]) -> PathDistribution:
    """Return a package of these files, by path from the folder of packages, as an installer leaves it."""
    about = site / "kept-1.0.dist-info"
    for path, content in {**files, f"{about.name}/INSTALLER": b"pip"}.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(content)
    (about / "RECORD").write_text("".join(f"{path},,\n" for path in [*files, f"{about.name}/INSTALLER"]))
    return PathDistribution(about)


@pytest.mark.parametrize(
    "made_here",
    [
        "kept/__pycache__/code.cpython-311.pyc",
        "../../bytecode/site/kept/code.cpython-311.pyc",
        "../../bin/kept",
    ],
)
def test_what_an_installer_made_here_does_not_count(tmp_path: Path, made_here: str) -> None:
    elsewhere = installed(tmp_path / "a" / "lib" / "site", THEIRS)
    here = installed(tmp_path / "b" / "lib" / "site", {**THEIRS, made_here: b"of this machine"})

    assert checksum(here) == checksum(elsewhere)


@pytest.mark.parametrize("changed", [{"kept/code.py": b"import os"}, {"kept/more.pyc": b"code too"}])
def test_all_that_they_made_counts(tmp_path: Path, changed: dict[str, bytes]) -> None:
    theirs = installed(tmp_path / "a", THEIRS)

    assert checksum(installed(tmp_path / "b", {**THEIRS, **changed})) != checksum(theirs)
