"""Notices as processes send them, whoever is killed meanwhile: none is lost, and each has one name."""

import base64
import json
import signal
import subprocess
import sys
from email import message_from_string
from pathlib import Path

import pytest

from tests.acceptance.command import ROOT, Command
from tests.listeners import Mailbox, Webhook, listening
from tests.patience import until
from tests.services.test_notification import SENDER, STAFF, alert

pytestmark = pytest.mark.acceptance

USERS = 20
DECLARED = """
from tests.services.test_notification import FOUND
topology = FOUND
"""


def produce(data: Path, users: range) -> None:
    lines = "".join(f"{json.dumps(alert(f'user {number}', 'very high').value)}\n" for number in users)
    command = [sys.executable, "-m", "catenae", "produce", "alerts", "--key", "user", "--data", str(data)]
    subprocess.run(command, input=lines, text=True, check=True, cwd=ROOT, capture_output=True)


def test_every_rise_is_told_of_by_webhook_and_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "found.py").write_text(DECLARED)
    (tmp_path / "password").write_text("s3cret\n")
    data = tmp_path / "data"
    data.mkdir()
    with listening(Webhook()) as webhook, listening(Mailbox("AUTH PLAIN")) as mailbox:
        webhook.statuses = [503]
        mailbox.refusals = [("MAIL", "451 later")]
        for name, value in {
            "NOTICES_EVERY_S": "1",
            "WEBHOOK_URL": webhook.url,
            "WEBHOOK_TOKEN": "s3cret too",
            "MAIL_SERVER": mailbox.url,
            "MAIL_SENDER": SENDER,
            "MAIL_TO": ",".join(STAFF),
            "MAIL_USER": "me",
            "MAIL_PASSWORD_FILE": str(tmp_path / "password"),
        }.items():
            monkeypatch.setenv(f"CATENAE_OPTION_{name}", value)
        up = Command(data, "up", str(tmp_path / "found.py"))
        try:
            until(lambda: up.probe("/ready"))
            for part in range(0, USERS, 10):
                produce(data, range(part, part + 10))
                for node in ("band_rises", "notices", "webhook", "mail"):
                    until(lambda node=node: up.instance(node))  # type: ignore[misc]  # one at a time
                    up.signal(node, signal.SIGKILL)
            until(lambda: sum(each["alerts"] for each in webhook.taken.values()) >= USERS)
            until(lambda: len(mailed(mailbox)) >= len(webhook.taken))
            assert up.stop() == 0
        finally:
            up.kill()

    assert sum(each["alerts"] for each in webhook.taken.values()) == USERS
    assert sorted(mailed(mailbox).values()) == sorted(each["subject"] for each in webhook.taken.values())
    sent = b"".join([*webhook.came, *mailbox.came])
    assert b"Authorization: Bearer s3cret too" in sent
    assert base64.b64encode(b"\0me\0s3cret") in sent
    assert b"user " not in sent.lower().replace(b"user-agent", b"")
    logs = [each.read_text() for each in (data / "logs").iterdir()]
    said = "".join([up.log.read_text(), *logs])
    assert len(logs) >= 4
    assert "s3cret" not in said
    assert STAFF[0] not in said


def mailed(mailbox: Mailbox) -> dict[str, str]:
    """Return the subject of each mail, by its Message-ID."""
    return {each["Message-ID"]: each["Subject"] for each in map(message_from_string, mailbox.taken)}
