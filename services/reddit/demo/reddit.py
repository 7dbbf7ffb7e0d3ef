"""The local Reddit as an object: the community, its time, and what clients have to live with."""

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from services.reddit.demo.budget import Budget
from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import Account, Community, Gone, Item, Standing
from services.reddit.demo.faults import Faults
from services.reddit.demo.ledger import Ledger
from services.reddit.demo.listings import Listings

CLIENT_ID = "local"
CLIENT_SECRET = "local"  # noqa: S105  it opens nothing


def praw_environment(address: str) -> Mapping[str, str]:
    """Return the environment variables by which PRAW talks to the local Reddit at an address."""
    return {
        "praw_reddit_url": address,
        "praw_oauth_url": address,
        "praw_client_id": CLIENT_ID,
        "praw_client_secret": CLIENT_SECRET,
        "praw_user_agent": "catenae, trying itself on generated data",
    }


@dataclass
class LocalReddit:
    """Everything a server of it shows and obeys. May be changed while it is served.

    latency_s     how long every answer takes
    token_life_s  how long a token is good for
    clock_s       monotonic seconds
    """

    community: Community
    calendar: Calendar
    latency_s: float = 0.0
    token_life_s: float = 86_400.0
    clock_s: Callable[[], float] = time.monotonic
    budget: Budget = field(default_factory=Budget)
    faults: Faults = field(default_factory=Faults)
    ledger: Ledger = field(default_factory=Ledger)
    _tokens: dict[str, tuple[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.listings = Listings(self.community, self.calendar.now_utc)
        self._accounts = {account.name.casefold(): account for account in self.community.accounts.values()}

    def account(self, name: str) -> Account | None:
        """Return an account, whatever its letters' case; None if there never was one or it was deleted."""
        found = self._accounts.get(name.casefold())
        return None if found is None or found.standing is Standing.DELETED else found

    def items(self, names: Iterable[str]) -> list[Item]:
        """Return the items of full names that have been written, in that order."""
        found = (self.community.by_name.get(name) for name in names)
        return [item for item in found if item is not None and self.listings.is_visible(item)]

    def take_away(self, names: Iterable[str], by: Gone) -> int:
        """Let items be gone, or be there again by `Gone.NO`; return how many there are of these names."""
        found = [self.community.by_name[name] for name in names if name in self.community.by_name]
        for item in found:
            item.gone = by
        return len(found)

    def new_token(self, client: str) -> str:
        """Return a token for a client."""
        token = secrets.token_urlsafe(24)
        self._tokens[token] = client, self.clock_s() + self.token_life_s
        return token

    def client_of(self, token: str) -> str | None:
        """Return whose token it is; None if it is nobody's or no longer good."""
        client, until_s = self._tokens.get(token, ("", 0.0))
        return client if client and self.clock_s() < until_s else None
