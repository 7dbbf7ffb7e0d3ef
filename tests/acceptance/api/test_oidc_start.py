"""The start of an API where people may sign in elsewhere, as a real process."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[3]
WORK = [sys.executable, "-m", "catenae", "work", "topologies/depression.py", "api", "--http-port", "0"]

pytestmark = pytest.mark.acceptance


@pytest.mark.parametrize(
    "options",
    [["oidc_issuer=http://login.example", "oidc_client=screening"], ["oidc_issuer=https://login.example"]],
)
def test_an_unfit_issuer_ends_the_start_with_one_line(options: list[str], tmp_path: Path) -> None:
    given = [part for each in options for part in ("--option", each)]
    command = [*WORK, "--data", str(tmp_path), *given]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert ended.returncode == 2
    (line,) = (each for each in ended.stderr.splitlines() if "OpenID" in each)
    assert "https" in line or "both" in line


def test_what_checks_tokens_is_imported_only_where_somebody_signs_in_elsewhere() -> None:
    program = "import sys, services.api.server; sys.exit(bool({'jwt', 'cryptography'} & set(sys.modules)))"

    assert (
        subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=PATIENCE_S, check=False).returncode
        == 0
    )
