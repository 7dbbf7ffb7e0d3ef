"""What is installed is locked: each extra has its file, whole, by version and checksum; none disagrees."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCKS = ROOT / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TOOLS = "release"
# Networks are trained apart from all else that runs, or is tested by default.
APART = "tune"
WANTED = {"core": PROJECT["dependencies"], **PROJECT["optional-dependencies"]}


def locked(name: str) -> dict[str, set[str]]:
    """Return the versions that a file locks, by package; each has its checksums."""
    versions: dict[str, set[str]] = {}
    entries = (LOCKS / f"{name}.txt").read_text().replace("\\\n", "").splitlines()
    for entry in entries:
        assert re.search(r" --hash=sha256:[0-9a-f]{64}", entry), entry.split()[0]
        package, version = entry.split()[0].split("==")
        versions.setdefault(package, set()).add(version)
    return versions


@pytest.mark.parametrize("extra", sorted(WANTED.keys() - {TOOLS}))
def test_what_an_extra_asks_for_is_locked_at_a_version_it_takes(extra: str) -> None:
    versions = locked(extra)
    for wanted in map(Requirement, WANTED[extra]):
        if wanted.name == PROJECT["name"]:
            assert all(versions.items() >= locked(each).items() for each in wanted.extras)
        else:
            assert all(each in wanted.specifier for each in versions[wanted.name])


@pytest.mark.parametrize("extra", sorted(WANTED.keys() - {TOOLS}))
def test_no_extra_is_locked_at_other_versions_than_all_together(extra: str) -> None:
    together = locked("servers")
    assert extra == APART or locked(extra).keys() <= together.keys()
    assert all(versions == together.get(name, versions) for name, versions in locked(extra).items())
    assert locked(extra).items() >= locked("core").items()


@pytest.mark.parametrize("file", ["Makefile", "docker/Dockerfile", "services/web/build.py"])
def test_nothing_is_installed_but_by_checksum_or_from_here(file: str) -> None:
    text = (ROOT / file).read_text().replace("\\\n", " ")
    installing = [line for line in text.splitlines() if re.search(r"pip\"?,? \"?install", line)]
    assert installing
    for line in installing:
        assert "--require-hashes" in line or "--no-deps" in line or TOOLS in line
