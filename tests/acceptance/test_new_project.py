"""`catenae new`, as somebody has it who installed a wheel: what it writes has tests, and they pass."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from tests.acceptance.built_wheel import built_wheel

pytestmark = pytest.mark.acceptance


class Stranger:
    """A folder with nothing of this repository but an installed wheel."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "empty"
        self.folder.mkdir()
        # As pip would unpack it: what it needs is installed here already.
        self._installed = folder / "installed"
        zipfile.ZipFile(built_wheel(folder)).extractall(self._installed)

    def __call__(self, *arguments: str, place: str = "") -> str:
        """Run a Python module to its end; CalledProcessError with what it said if it fails."""
        run = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=self.folder / place,
            env=os.environ | {"PYTHONPATH": str(self._installed)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout
        return run.stdout


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    stranger = Stranger(tmp_path_factory.mktemp("stranger"))
    stranger("catenae", "new", "weather")
    return stranger


def test_the_tests_of_a_new_project_pass(stranger: Stranger) -> None:
    checked = stranger("catenae", "check", "topologies/weather.py", place="weather")
    tested = stranger("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", place="weather")

    assert checked == "ok: 1 node, 2 topics\n"
    assert "2 passed" in tested


def test_its_containers_are_its_own_and_so_are_the_servers(stranger: Stranger) -> None:
    stranger("catenae", "compose", "topologies/weather.py", place="weather")
    services = yaml.safe_load((stranger.folder / "weather/docker-compose.yml").read_text())["services"]

    assert set(services) == {"kafka", "aerospike", "operator", "tally"}
    assert services["tally"]["image"] == "${CATENAE_IMAGES:-weather}/core:${CATENAE_TAG:-latest}"
