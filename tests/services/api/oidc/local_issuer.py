"""An issuer of OpenID Connect on loopback, with keys and a certificate of its own, misbehaving on request."""

import base64
import hashlib
import http.client
import json
import secrets
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from tests.certificates import write_certificate
from tests.patience import PATIENCE_S

DISCOVERY = "/.well-known/openid-configuration"
CLIENT = "screening"
SUBJECT = "248289761001"
Key = ec.EllipticCurvePrivateKey


@dataclass
class Behaviour:
    """How it answers; as it is made here it does so rightly.

    subject        whom it signs in
    secret         of the client; empty for a public one
    asks           whether it shows a page with a button first
    configuration  what its configuration says instead; None leaves a field out
    claims         what its tokens say instead; None leaves a claim out
    token          a token that it gives instead of one of its own making
    answers        path → status, headers and body of an answer that it gives instead
    hangs          what it waits for before any answer
    """

    subject: str = SUBJECT
    secret: str = ""
    asks: bool = False
    configuration: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    token: str | None = None
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    hangs: threading.Event | None = None


class LocalIssuer:
    """Serves until `close`. `asked` counts what it was asked for by path."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "issuer.pem"
        write_certificate(self.certificate)
        self.tls = ssl.create_default_context(cafile=self.certificate)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.issuer = self
        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(self.certificate)
        self._server.socket = serving.wrap_socket(self._server.socket, server_side=True)
        self.address = f"https://127.0.0.1:{self._server.server_port}"
        self.reset()
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def reset(self) -> None:
        """Forget everything, and behave."""
        self.behaviour = Behaviour()
        self.asked: Counter[str] = Counter()
        self._codes: dict[str, dict[str, str]] = {}
        self.rotate()

    def rotate(self) -> None:
        """Sign with another key from now on, the only one that is published."""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.key_id = secrets.token_hex(4)
        self.keys: list[dict[str, Any]] = [
            {**ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True), "kid": self.key_id, "use": "sig"}
        ]

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()

    def visit(self, address: str) -> str:
        """Go to an address here, as a browser does, and return where it leads."""
        parts = urlsplit(address)
        connection = http.client.HTTPSConnection(parts.netloc, context=self.tls, timeout=PATIENCE_S)
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == 302, content
        return answer.headers["Location"]

    def signed(self, nonce: str, **claims: Any) -> str:
        """Return a token for a nonce, as it is told to make them."""
        now_s = int(time.time())
        usual = {
            "iss": self.address,
            "sub": self.behaviour.subject,
            "aud": CLIENT,
            "iat": now_s,
            "exp": now_s + 300,
            "nonce": nonce,
        }
        said = usual | self.behaviour.claims | claims
        given = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(given, self.key, "ES256", {"kid": self.key_id})

    def answer(self, path: str, given: dict[str, str], proof: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body for a path, with what was given and the Authorization header."""
        self.asked[path] += 1
        if self.behaviour.hangs is not None:
            self.behaviour.hangs.wait(5)
        if path in self.behaviour.answers:
            return self.behaviour.answers[path]
        if path == "/authorise":
            return self._authorise(given)
        if path == "/token":
            return self._token(given, proof)
        if path == "/keys":
            return _json({"keys": self.keys})
        return _json(self._configuration()) if path == DISCOVERY else _json({}, 404)

    def _configuration(self) -> dict[str, Any]:
        said = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorise",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            **self.behaviour.configuration,
        }
        return {name: value for name, value in said.items() if value is not None}

    def _authorise(self, given: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        is_fit = (
            given.get("response_type") == "code"
            and given.get("client_id") == CLIENT
            and "openid" in given.get("scope", "").split()
            and given.get("code_challenge_method") == "S256"
            and len(given.get("code_challenge", "")) == 43
        )
        if not is_fit:
            return _json({"error": "invalid_request"}, 400)
        if self.behaviour.asks and "agreed" not in given:
            fields = "".join(
                f'<input type="hidden" name="{name}" value="{each}">' for name, each in given.items()
            )
            page = f'<!doctype html><title>Issuer</title><form>{fields}<button name="agreed">Go on</button>'
            return 200, {"Content-Type": "text/html"}, page.encode()
        code = secrets.token_urlsafe()
        self._codes[code] = given
        back = urlencode({"code": code, "state": given.get("state", "")})
        return 302, {"Location": f"{given['redirect_uri']}?{back}"}, b""

    def _token(self, given: dict[str, str], proof: str) -> tuple[int, dict[str, str], bytes]:
        if not self._is_client(given, proof):
            return _json({"error": "invalid_client"}, 401)
        asked = self._codes.pop(given.get("code", ""), None)
        hashed = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
        if (
            asked is None
            or given.get("grant_type") != "authorization_code"
            or (asked["redirect_uri"], asked["code_challenge"]) != (given.get("redirect_uri"), challenge)
        ):
            return _json({"error": "invalid_grant"}, 400)
        token = self.behaviour.token or self.signed(asked.get("nonce", ""))
        return _json({"access_token": "none", "token_type": "Bearer", "id_token": token})

    def _is_client(self, given: dict[str, str], proof: str) -> bool:
        secret = self.behaviour.secret
        if not secret:
            return given.get("client_id") == CLIENT and not proof
        if self.behaviour.configuration.get("token_endpoint_auth_methods_supported") == [
            "client_secret_post"
        ]:
            return (given.get("client_id"), given.get("client_secret")) == (CLIENT, secret) and not proof
        if not proof.startswith("Basic ") or "client_secret" in given:
            return False
        pair = base64.b64decode(proof.removeprefix("Basic ")).decode().split(":")
        return [unquote_plus(each) for each in pair] == [CLIENT, secret]


class _Server(ThreadingHTTPServer):
    issuer: LocalIssuer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: whoever hangs up early does so on purpose."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self, query: str) -> None:
        given = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        path = urlsplit(self.path).path
        status, headers, body = self.server.issuer.answer(path, given, self.headers.get("Authorization", ""))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _json(content: Any, status: int = 200) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()
