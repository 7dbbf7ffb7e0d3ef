"""The node that serves the API and the pages: uvicorn in a thread, and one that looks for changes."""

import logging
import os
import socket
import threading
import time
from pathlib import Path

import uvicorn

from catenae import ConfigError, Documents, Operations, Server
from services.api.application import application
from services.api.client_address import THIS_MACHINE, Header, trusted_networks
from services.api.collaborators import Site, put_together
from services.api.connections import ACCEPTED_AT_ONCE, Crowd, bounded, most_connections
from services.api.headers import strict_headers
from services.api.listening import listen
from services.api.origins import Origin
from services.api.sign_in.oidc import Issuer, configured
from services.screenings import documents_of

logger = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "::1")
STOP_WITHIN_S = 5
WAITING = 1024


class ApiServer(Server):
    """Serves /api/v1 and the web tool.

    port        to listen on; replicas on one machine share it
    host        to listen on; loopback unless told
    origin      the address that browsers come by, https://screening.example say, where a proxy is in between;
                by http only from this machine itself
    pages       folder of the web tool's files
    model       folder of the model in use
    pseudonym_key  file of the key of the pseudonyms, made where it is missing; without one, as where no file
                can be made, the key is kept with the documents
    trusted_proxies  addresses and networks whose `proxy_header` says where a request comes from; behind https
                this machine's own, unless others are named
    proxy_header  that one: x-forwarded-for, or forwarded
    require_second_factor  have everybody who signs in with a password set up a second factor first
    blind       keep from everybody what the model makes of a person until they have said what they find
    opinions    how many are to judge a case, none knowing what the others found; until then it has no label
    oidc_issuer https address of the OpenID Connect issuer that people may sign in at, as it names itself
    screening   whose alerts and reviews it shows, where there are several; the first one's if empty
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
        pseudonym_key: str = "",
        trusted_proxies: str = "",
        proxy_header: Header = "x-forwarded-for",
        require_second_factor: bool = False,
        blind: bool = False,
        opinions: int = 1,
        oidc_issuer: str = "",
        oidc_client: str = "",
        screening: str = "",
    ) -> None:
        client = configured(oidc_issuer, oidc_client, os.environ)
        served = origins(origin, port)
        self._collaborators = put_together(
            Site(
                served,
                model,
                pages,
                Path(pseudonym_key) if pseudonym_key else None,
                trusted_networks(trusted_proxies, is_secure=served[0].startswith("https:")),
                proxy_header,
                require_second_factor,
                blind,
                checked_opinions(opinions),
            ),
            documents_of(documents, screening),
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
        self._server = _Server(
            uvicorn.Config(
                application(here),
                log_config=None,
                log_level="warning",
                http=bounded(Crowd(most_connections()), strict_headers(is_secure=here.site.is_secure)),
                backlog=ACCEPTED_AT_ONCE,
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
        if here.site.proxies is THIS_MACHINE and self._address[0] not in LOOPBACK:
            logger.warning("no trusted proxy is named, so that all behind one elsewhere count as one address")
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


class _Server(uvicorn.Server):
    """Has more wait to be accepted than it accepts at once, or their next try would come a second later."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for each in sockets or ():
            each.listen(WAITING)


def checked_opinions(given: int) -> int:
    """Return how many are to judge a case; raise ConfigError for a number that cannot be."""
    if given < 1:
        raise ConfigError(f"option 'opinions' of ApiServer is {given}; give how many judge a case, 1 or more")
    return given


def origins(given: str, port: int) -> tuple[str, ...]:
    """Return the addresses that browsers come by; raise ConfigError for one that passwords must not go to."""
    if not given:
        return tuple(Origin("http", host, port).text for host in LOOPBACK)
    found = Origin.of(given)
    if found is None:
        raise ConfigError(
            f"option 'origin' of ApiServer is {given!r}; write scheme, host and port alone: https://host"
        )
    if found.scheme == "http" and found.host not in LOOPBACK:
        raise ConfigError(
            f"option 'origin' of ApiServer is {given!r}, where passwords would travel in the clear; put a "
            f"proxy with TLS in front, and give its https address"
        )
    return (found.text,)
