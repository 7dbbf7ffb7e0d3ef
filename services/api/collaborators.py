"""What the operations of the API work with, put together in one place."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from catenae import Documents, Operations
from services.api.alerts import Alerts
from services.api.audit import Audit
from services.api.client_address import Header, Network
from services.api.first_look import FirstLook
from services.api.forgetting import Forgetting
from services.api.leases import Leases
from services.api.live import Listeners, Watch
from services.api.origins import Origin
from services.api.pseudonym_key import kept_key
from services.api.pseudonyms import Pseudonyms
from services.api.queue import Queue
from services.api.readable import Reader
from services.api.reviews import Reviews
from services.api.sign_in.accounts import Accounts
from services.api.sign_in.devices import Devices
from services.api.sign_in.oidc import Issuer
from services.api.sign_in.passwords import Passwords
from services.api.sign_in.sealing import Seal
from services.api.sign_in.second_factor import SecondFactors
from services.api.sign_in.sessions import Sessions
from services.api.sign_in.throttle import Throttle
from services.api.statistics import Statistics
from services.api.topics import Topics
from services.api.users import Users


@dataclass(frozen=True, slots=True)
class Site:
    """Where browsers find this server, and what it serves.

    origins  scheme, host and port of every address it goes by, the first one the usual
    model    folder of the model in use
    pages    folder of the web tool's files
    key      file of the pseudonyms' key; None keeps it in the documents
    proxies  whose word in `proxy_header` counts for where a request comes from
    requires_second_factor  whether accounts with a password can do nothing until they have one
    is_blind  whether scores of a person are shown to who has said what they find, and to nobody else
    opinions  how many are to judge a case, none knowing what the others found
    """

    origins: tuple[str, ...]
    model: Path
    pages: Path
    key: Path | None = None
    proxies: tuple[Network, ...] = ()
    proxy_header: Header = "x-forwarded-for"
    requires_second_factor: bool = False
    is_blind: bool = False
    opinions: int = 1

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by https alone."""
        return all(origin.startswith("https://") for origin in self.origins)

    @property
    def cookie(self) -> str:
        """The name of the cookie; a browser takes one of this prefix only from this very host, by https."""
        return "__Host-screening" if self.is_secure else "screening"

    @property
    def device_cookie(self) -> str:
        """The name of the cookie of a browser in which somebody has signed in before."""
        return f"{self.cookie}-device"

    @property
    def attempt_cookie(self) -> str:
        """The name of the cookie of somebody who signs in elsewhere, until they are back."""
        return f"{self.cookie}-attempt"

    def origin_at(self, host: str) -> str:
        """Return the address of a host that browsers come to; the usual one for a host that is not ours."""
        for each in self.origins:
            if Origin.of(f"{each.partition(':')[0]}://{host}") == Origin.of(each):
                return each
        return self.origins[0]


@dataclass(frozen=True, slots=True)
class Collaborators:
    """Each the one of its kind in this process."""

    site: Site
    documents: Documents
    operations: Operations
    pseudonyms: Pseudonyms
    audit: Audit
    reader: Reader
    accounts: Accounts
    sessions: Sessions
    throttle: Throttle
    devices: Devices
    second_factors: SecondFactors
    issuer: Issuer | None
    alerts: Alerts
    reviews: Reviews
    leases: Leases
    queue: Queue
    users: Users
    forgetting: Forgetting
    statistics: Statistics
    topics: Topics
    listeners: Listeners
    watch: Watch
    now_s: Callable[[], float]

    def now_ms(self) -> int:
        """Return the time in milliseconds since 1970 UTC."""
        return int(self.now_s() * 1000)

    def prepare(self) -> None:
        """Create what makes everything fast; takes a while where there is much already."""
        people = (self.sessions, self.throttle, self.second_factors, self.audit)
        for each in (
            *people,
            self.alerts,
            self.reviews,
            self.leases,
            self.users,
            self.forgetting,
            self.topics,
        ):
            each.prepare()


def put_together(
    site: Site,
    documents: Documents,
    operations: Operations,
    now_s: Callable[[], float],
    passwords: Passwords | None = None,
    issuer: Issuer | None = None,
) -> Collaborators:
    """Return the collaborators of a server."""

    def now_ms() -> int:
        return int(now_s() * 1000)

    key = kept_key(documents, site.key)
    pseudonyms = Pseudonyms(key)
    accounts = Accounts(documents, passwords or Passwords())
    sessions = Sessions(documents, accounts)
    reader = Reader(operations.left_out)
    first_look = FirstLook(is_blind=site.is_blind, opinions=site.opinions)
    alerts = Alerts(documents, reader, first_look)
    leases = Leases(documents, pseudonyms, now_ms)
    forgetting = Forgetting(documents, reader, now_ms)
    statistics = Statistics(documents, operations, alerts)
    listeners = Listeners()
    audit = Audit(documents, pseudonyms, now_ms)
    return Collaborators(
        site=site,
        documents=documents,
        operations=operations,
        pseudonyms=pseudonyms,
        audit=audit,
        reader=reader,
        accounts=accounts,
        sessions=sessions,
        throttle=Throttle(documents),
        devices=Devices(documents),
        second_factors=SecondFactors(documents, accounts, Seal(key)),
        issuer=issuer,
        alerts=alerts,
        reviews=Reviews(documents, pseudonyms, now_ms, first_look),
        leases=leases,
        queue=Queue(documents, leases, pseudonyms, alerts),
        users=Users(documents, reader, alerts),
        forgetting=forgetting,
        statistics=statistics,
        topics=Topics(documents, reader, pseudonyms, now_ms),
        listeners=listeners,
        watch=Watch(
            alerts,
            forgetting,
            statistics,
            sessions,
            listeners,
            lambda accounts, users: audit.note_shown(accounts, "alert pushed", users),
        ),
        now_s=now_s,
    )


def _of(connection: HTTPConnection) -> Collaborators:
    found: Collaborators = connection.app.state.collaborators
    return found


Here = Annotated[Collaborators, Depends(_of)]
