"""Mails that a server is sent until it has taken them, over a wire that nobody else reads."""

import smtplib
from collections.abc import Iterator
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest

from catenae.connectors import mail
from catenae.connectors.asking import ServerAway, ServerRefuses
from catenae.connectors.mail import SmtpMail
from catenae.errors import ConfigError
from catenae.message import Message
from catenae.secret import Secret
from catenae.testing import TestDriver, message
from catenae.testing.trouble import Point
from catenae.topology.graph import Topology
from catenae.topology.node import Node
from tests.certificates import write_certificate
from tests.listeners import Mailbox, listening

NODE = Node("mail", "catenae.connectors.mail:SmtpMail", reads="notes")
TOPOLOGY = Topology("post", (NODE,), external=("notes",), partitions=1)
TEA: dict[str, Any] = {"subject": "Tea is ready", "text": "Come.", "who": "ann"}
SENDER, STAFF = "screening@example.org", ("one@example.org", "two@example.org")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with listening(Mailbox("AUTH PLAIN")) as mailbox:
        yield mailbox


def leaf(mailbox: Mailbox, **more: Any) -> SmtpMail:
    return SmtpMail(mailbox.url, SENDER, STAFF, **more)


def note(value: Any = None) -> Message:
    return message(TEA if value is None else value, key="ann")


def test_a_mail_has_subject_and_text_and_nothing_else_of_the_message(mailbox: Mailbox) -> None:
    leaf(mailbox).consume(note())

    (taken,) = map(message_from_string, mailbox.taken)
    assert (taken["From"], taken["To"], taken["Subject"]) == (SENDER, ", ".join(STAFF), "Tea is ready")
    assert taken.get_payload() == "Come."
    assert taken["Auto-Submitted"] == "auto-generated"
    assert b"ann" not in b"".join(mailbox.came)


@pytest.mark.parametrize("point", ["before commit", "after commit"])
def test_none_is_lost_and_one_that_is_sent_twice_has_one_id(mailbox: Mailbox, point: Point) -> None:
    mailbox.refusals = [("MAIL", "421 come again"), ("THE MAIL", "451 come again")]
    options = {"mail": {"server": mailbox.url, "sender": SENDER, "to": STAFF}}

    with TestDriver(TOPOLOGY, options) as post:
        post.kill("mail", point)
        post.send("notes", TEA, key="ann")
        post.send("notes", {**TEA, "text": "It grows cold."}, key="ann")
        post.advance(10)

    texts = {each["Message-ID"]: each.get_payload() for each in map(message_from_string, mailbox.taken)}
    assert list(texts.values()) == ["Come.", "It grows cold."]


@pytest.mark.parametrize(
    ("command", "answer", "kind"),
    [
        ("MAIL", "451 later", ServerAway),
        ("RCPT", "450 later", ServerAway),
        ("THE MAIL", "421 later", ServerAway),
        ("MAIL", "550 never", ServerRefuses),
        ("RCPT", "550 <one@example.org> is unknown", ServerRefuses),
        ("THE MAIL", "554 never", ServerRefuses),
    ],
)
def test_what_is_refused_for_now_is_told_from_what_is_refused_for_good(
    mailbox: Mailbox, command: str, answer: str, kind: type[Exception]
) -> None:
    mailbox.refusals = [(command, answer)]

    with pytest.raises(kind, match=answer[:3]) as raised:
        leaf(mailbox).consume(note())

    assert "one@" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_server_that_is_not_there_is_away() -> None:
    with listening(Mailbox()) as gone:
        pass

    with pytest.raises(ServerAway, match="does not answer: ConnectionRefusedError"):
        leaf(gone).consume(note())


def test_a_password_is_sent_and_seen_nowhere_else(mailbox: Mailbox) -> None:
    signed_in = leaf(mailbox, user="me", password=Secret("s3cret"))

    signed_in.consume(note())

    assert any(line.startswith(b"AUTH PLAIN") for line in mailbox.came)
    assert "s3cret" not in repr(vars(signed_in))


def test_nothing_is_sent_to_another_machine_that_offers_no_tls(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "is_this_machine", lambda host: False)

    with pytest.raises(ServerRefuses, match=smtplib.SMTPNotSupportedError.__name__):
        leaf(mailbox, user="me", password=Secret("s3cret")).consume(note())

    assert [line[:4] for line in mailbox.came if line] == [b"ehlo"]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "certificate.pem"
    write_certificate(path)
    return path


@pytest.mark.parametrize("is_tls", [True, False])
def test_it_speaks_tls_from_the_start_or_from_its_first_word_on(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, *, is_tls: bool
) -> None:
    monkeypatch.setattr(mail, "is_this_machine", lambda host: False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with listening(Mailbox("STARTTLS", "AUTH PLAIN", certificate=certificate, is_tls=is_tls)) as mailbox:
        leaf(mailbox, user="me", password=Secret("s3cret")).consume(note())

    assert len(mailbox.taken) == 1
    assert b"STARTTLS\r\n" in mailbox.came or is_tls


@pytest.mark.parametrize("is_tls", [True, False])
def test_nothing_is_sent_to_who_is_not_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, *, is_tls: bool
) -> None:
    monkeypatch.setattr(mail, "is_this_machine", lambda host: False)

    with (
        listening(Mailbox("STARTTLS", certificate=certificate, is_tls=is_tls)) as mailbox,
        pytest.raises(ServerAway, match="SSLCertVerificationError"),
    ):
        leaf(mailbox).consume(note())

    assert not any(line.upper().startswith(b"MAIL") for line in mailbox.came)


def test_a_line_of_its_own_in_a_subject_makes_no_header(mailbox: Mailbox) -> None:
    with pytest.raises(ValueError, match="linefeed"):
        leaf(mailbox).consume(note({"subject": "Tea\nBcc: three@example.org", "text": ""}))

    assert mailbox.came == []


@pytest.mark.parametrize(
    "server", ["127.0.0.1:25", "http://127.0.0.1", "smtp://", "smtp://me:s3cret@host", "smtp://host:tea"]
)
def test_what_is_no_mail_server_is_refused(server: str) -> None:
    with pytest.raises(ConfigError, match="write smtps://HOST:PORT") as raised:
        SmtpMail(server, SENDER, STAFF)

    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("to", [(), ("one",), ("one@example.org\nBcc: x@y",), ("a@b, c@d",)])
def test_what_is_no_address_is_refused(to: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="write name@host"):
        SmtpMail("smtps://host", SENDER, to)
