"""What a process imports at its start: hundreds of them start in a topology's life, and wait for it."""

import subprocess
import sys

import pytest

HEAVY = {"asyncio", "catenae.brokers.kafka", "email", "numpy", "prometheus_client", "rich", "sqlite3", "ssl"}


@pytest.mark.lengthy
def test_to_import_catenae_is_cheap() -> None:
    code = f"import sys, catenae; print(*{HEAVY} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []
