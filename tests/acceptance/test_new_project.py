"""`catenae new`: what it writes has tests, and they pass."""

import subprocess
import sys
from pathlib import Path

import pytest

from catenae.cli.new import scaffold

pytestmark = pytest.mark.acceptance


def test_the_tests_of_a_new_project_pass(tmp_path: Path) -> None:
    scaffold("weather", tmp_path)

    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"],
        cwd=tmp_path / "weather",
        capture_output=True,
        text=True,
        check=False,
    )

    assert tests.returncode == 0, tests.stdout + tests.stderr
    assert "2 passed" in tests.stdout
