"""Messages sent as mails, by Python's own client."""

import hashlib
import re
import smtplib
import ssl
import urllib.parse
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate

from catenae.connectors.asking import ServerAway, ServerRefuses, is_this_machine
from catenae.errors import ConfigError
from catenae.message import Message
from catenae.microservice import Leaf
from catenae.secret import Secret

_ADDRESS = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")
_PORTS = {"smtp": 587, "smtps": 465}


class SmtpMail(Leaf):
    """Send each message as a mail. Reads {"subject": str, "text": str}; other fields are not sent.

    server  smtps://HOST:PORT, by TLS from the start, or smtp://HOST:PORT, which has to offer STARTTLS unless
            it is this machine; port 465 or 587 unless it names one
    sender  the address that it comes from
    to      the addresses that it goes to
    user    who signs in, where there is a password

    None is lost; after a kill those of the last batch are sent again, each with the same `Message-ID`. A
    server that does not answer or asks to come again is tried again, as `Node(retry=)` says; what it refuses
    for good, for one of the addresses too, is a dead letter.
    """

    def __init__(
        self,
        server: str,
        sender: str,
        to: Sequence[str],
        user: str = "",
        password: Secret | None = None,
        *,
        timeout_s: float = 10.0,
    ) -> None:
        self._scheme, self._host, self._port = _parts(server)
        if not to or not all(_ADDRESS.fullmatch(each) for each in (sender, *to)):
            raise ConfigError("options 'sender' and 'to' have something that is no address; write name@host")
        self._sender, self._to = sender, tuple(to)
        self._user, self._password = user, password
        self._timeout_s = timeout_s
        is_local = self._scheme == "smtp" and is_this_machine(self._host)
        self._trusted = None if is_local else ssl.create_default_context()

    def consume(self, message: Message) -> None:
        mail = self._mail(message)
        # What a server says may repeat the addresses: of its errors the number is told, and nothing else.
        try:
            with self._connected() as smtp:
                refused = smtp.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except smtplib.SMTPServerDisconnected:
            raise ServerAway(f"{self._host} has ended the connection") from None
        except smtplib.SMTPResponseException as error:
            raise _kind(error.smtp_code)(f"{self._host} answers with {error.smtp_code}") from None
        except smtplib.SMTPException as error:
            raise ServerRefuses(f"{self._host} cannot take mail: {type(error).__name__}") from None
        except OSError as error:
            raise ServerAway(f"{self._host} does not answer: {type(error).__name__}") from None
        if refused:
            code = min(code for code, _ in refused.values())
            raise _kind(code)(f"{self._host} refuses {len(refused)} of {len(self._to)} addresses with {code}")

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = (
            self._sender,
            ", ".join(self._to),
            message.value["subject"],
        )
        written = f"{message.id} {message.timestamp_ms}".encode()
        mail["Message-ID"] = f"<{hashlib.sha256(written).hexdigest()[:32]}@{self._sender.rpartition('@')[2]}>"
        mail["Date"] = formatdate(message.timestamp_ms / 1000)
        # Nobody's note of absence answers it.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.value["text"])
        return mail

    def _connected(self) -> smtplib.SMTP:
        """Return a session in which mail can be sent, or raise as smtplib does."""
        place = (self._host, self._port)
        if self._scheme == "smtps":
            return self._signed_in(smtplib.SMTP_SSL(*place, timeout=self._timeout_s, context=self._trusted))
        return self._signed_in(smtplib.SMTP(*place, timeout=self._timeout_s))

    def _signed_in(self, smtp: smtplib.SMTP) -> smtplib.SMTP:
        try:
            if self._scheme == "smtp" and self._trusted is not None:
                smtp.starttls(context=self._trusted)
            if self._password is not None:
                smtp.login(self._user, self._password.reveal())
        except BaseException:
            smtp.close()
            raise
        return smtp


def _parts(server: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a server's URL."""
    try:
        parts = urllib.parse.urlsplit(server)
        port = parts.port
    except ValueError:
        parts, port = urllib.parse.urlsplit(""), None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise ConfigError(
            "option 'server' is no address of a mail server; write smtps://HOST:PORT or smtp://HOST:PORT, "
            "with user and password in options of their own"
        )
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]


def _kind(code: int) -> type[ServerAway] | type[ServerRefuses]:
    """Return what an answer of SMTP means: below 500 the server may take it another time."""
    return ServerAway if code < 500 else ServerRefuses
