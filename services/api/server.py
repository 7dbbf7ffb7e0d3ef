"""The node that serves the API and the pages: uvicorn in a thread, and one that looks for changes."""

import logging
import os
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from catenae import ConfigError, Documents, Operations, Server
from services.api.application import application
from services.api.collaborators import Site, put_together
from services.api.listening import listen
from services.api.sign_in.oidc import Issuer, configured

logger = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
STOP_WITHIN_S = 5


class ApiServer(Server):
    """Serves /api/v1 and the web tool.

    port        to listen on; replicas on one machine share it
    host        to listen on; loopback unless told
    origin      the address that browsers come by, https://screening.example say, where a proxy is in between;
                by http only from this machine itself
    pages       folder of the web tool's files
    model       folder of the model in use
    oidc_issuer https address of the OpenID Connect issuer that people may sign in at, as it names itself
    oidc_client what this server is called there; its secret, if it has one, is in SCREENING_OIDC_SECRET
    """

    def __init__(  # noqa: PLR0913  an option each
        self,
        documents: Documents,
        operations: Operations,
        *,
        port: int = 8080,
        host: str = "127.0.0.1",
        origin: str = "",
        pages: Path = Path("services/web/dist"),
        model: Path = Path("data/model"),
        oidc_issuer: str = "",
        oidc_client: str = "",
    ) -> None:
        client = configured(oidc_issuer, oidc_client, os.environ)
        self._collaborators = put_together(
            Site(origins(origin, port), model, pages),
            documents,
            operations,
            time.time,
            issuer=None if client is None else Issuer(client, time.time),
        )
        self._address = (host, port)
        self._server: uvicorn.Server | None = None
        self._threads: list[threading.Thread] = []

    def setup(self) -> None:
        here = self._collaborators
        here.prepare()
        listening = listen(self._address, here.pseudonyms.mark)
        self._server = uvicorn.Server(
            uvicorn.Config(
                application(here),
                log_config=None,
                # The addresses that are asked for hold names of users.
                access_log=False,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=STOP_WITHIN_S,
                ws_max_size=1024,
            )
        )
        self._threads = [
            threading.Thread(target=self._server.run, args=([listening],), name="http", daemon=True),
            threading.Thread(target=here.watch.run, args=(here.now_s,), name="watch", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        logger.info("api listening", extra={"host": self._address[0], "port": self._address[1]})

    def obstacle(self) -> str:
        ended = next((each.name for each in self._threads if not each.is_alive()), "")
        return f"thread {ended!r} has ended" if ended else self._collaborators.watch.obstacle()

    def teardown(self) -> None:
        self._collaborators.watch.stop()
        if self._server is not None:
            self._server.should_exit = True
        for thread in self._threads:
            thread.join(STOP_WITHIN_S + 1)


def origins(given: str, port: int) -> tuple[str, ...]:
    """Return the addresses that browsers come by; raise ConfigError for one that passwords must not go to."""
    if not given:
        return tuple(f"http://{host}:{port}" for host in LOOPBACK)
    parts = urlsplit(given)
    is_local = parts.netloc.rpartition(":")[0] in LOOPBACK or parts.netloc in LOOPBACK
    if (
        parts.scheme not in {"https", "http"}
        or not parts.netloc
        or given != f"{parts.scheme}://{parts.netloc}"
    ):
        raise ConfigError(
            f"option 'origin' of ApiServer is {given!r}; write scheme, host and port alone: https://host"
        )
    if parts.scheme == "http" and not is_local:
        raise ConfigError(
            f"option 'origin' of ApiServer is {given!r}, where passwords would travel in the clear; put a "
            f"proxy with TLS in front, and give its https address"
        )
    return (given,)
