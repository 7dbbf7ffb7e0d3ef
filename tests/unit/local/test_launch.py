import json
import sys
from pathlib import Path

import pytest

from catenae.config import Settings
from catenae.running.local.launch import Launcher

ECHO = (
    "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)])); "
    "sys.stdin.read(); print('catenae: input closed', file=sys.stderr)"
)


def test_an_instance_gets_its_settings_unseen_and_ends_with_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec {sys.executable} -c "{ECHO}" "$@"\n')
    (tmp_path / "python").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    settings = Settings(data=tmp_path, broker="kafka://u:secret@host:9", http_port=9464, lease_s=7.0)
    launcher = Launcher("topologies/t.py", settings, {"reader": {"token": "secret"}})
    launcher.logs.begin()

    process = launcher.start("reader", 2)
    assert process.stdin is not None
    process.stdin.close()
    process.wait()

    arguments, environment = json.loads((tmp_path / "logs" / "reader-2.log").read_text().splitlines()[0])
    assert arguments == [
        "-m", "catenae", "work", "topologies/t.py", "reader", "--slot", "2", "--stop-on-eof",
    ]  # fmt: skip
    assert environment["CATENAE_BROKER"] == "kafka://u:secret@host:9"
    assert json.loads(environment["CATENAE_OPTIONS"]) == {"reader": {"token": "secret"}}
    assert (environment["CATENAE_HTTP_PORT"], environment["CATENAE_LEASE_S"]) == ("0", "7.0")
    assert launcher.logs.complaint("reader-2") == "input closed"
