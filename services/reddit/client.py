"""What the crawlers ask of Reddit, through PRAW."""

import logging
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import quote, urlsplit

import praw
from praw.exceptions import MissingRequiredAttributeException, PRAWException
from prawcore import Forbidden, NotFound, Redirect, UnavailableForLegalReasons
from prawcore.exceptions import InvalidToken, OAuthException, PrawcoreException, ResponseException

from catenae import ConfigError, read_secret
from services.reddit.errors import RedditUnavailable, UserUnreadable
from services.reddit.ids import number_of
from services.reddit.rate_budget import OutOfBudget, RateBudget
from services.reddit.records import Kind
from services.reddit.requestor import BudgetedRequestor

logger = logging.getLogger(__name__)

T = TypeVar("T")

PAGE_ITEMS = 100
TIMEOUT_S = 10.0
_VARIABLES = ("praw_client_id", "praw_client_secret", "praw_user_agent")
_LISTINGS: Mapping[Kind, str] = {"submission": "submitted", "comment": "comments"}
_NEWEST: Mapping[Kind, str] = {"submission": "new", "comment": "comments"}
_FIELDS = (
    "title",
    "selftext",
    "body",
    "link_id",
    "parent_id",
    "permalink",
    "created_utc",
    "author_flair_text",
)
_UNREADABLE: Mapping[type[ResponseException], str] = {
    NotFound: "gone",
    Redirect: "gone",
    Forbidden: "suspended",
    UnavailableForLegalReasons: "withheld",
}
# What PRAW makes of answers that it does not expect, such as a page of HTML, or a listing without its parts.
_ODD_ITEM = (ValueError, LookupError, AttributeError, TypeError, PRAWException)
_ODD_ANSWERS = (PrawcoreException, RecursionError, *_ODD_ITEM)
# How long all crawlers pause once Reddit has refused the credentials.
_REFUSED_S = 60.0


class Item(NamedTuple):
    """One submission or comment as Reddit shows it; `row` is fit for `records.text_record`."""

    number: int
    row: Mapping[str, Any]


class Page(NamedTuple):
    """A part of a listing, newest first; `has_more` says whether another one follows."""

    items: list[Item]
    has_more: bool


class Client(Protocol):
    """What the crawlers need of Reddit. Thread-safe.

    Every method makes one request and raises `OutOfBudget` if there is no turn for it, `RedditUnavailable` if
    Reddit did not answer as it should.
    """

    def check(self, subreddits: str = "all") -> None:
        """Raise `ConfigError` if Reddit does not take the credentials or shows no such subreddits.

        That it does not answer is no matter yet.
        """

    def newest(self, kind: Kind, subreddits: str, after: str = "") -> Page:
        """Return a page of the newest of a kind, newest first, from behind the name `after` on."""

    def written_by(self, user: str, kind: Kind, after: str = "") -> Page:
        """Return a page of what a user wrote, newest first; raise `UserUnreadable`."""

    def look_up(self, names: Sequence[str]) -> list[Item]:
        """Return what is left of up to PAGE_ITEMS submissions and comments, wherever they were written."""


class RedditClient:
    """A `Client` that goes through PRAW, which reads the credentials from the environment.

    environment  praw_client_id, praw_client_secret, praw_user_agent; praw_username and praw_password for a
                 script's account; praw_reddit_url and praw_oauth_url for a server of one's own.
                 praw_client_secret_FILE and praw_password_FILE name files with these
    """

    def __init__(self, budget: RateBudget, environment: Mapping[str, str] = os.environ) -> None:
        self._budget = budget
        self._addresses = {
            name: _checked_address(name, environment[f"praw_{name}"])
            for name in ("reddit_url", "oauth_url")
            if environment.get(f"praw_{name}")
        }
        given = {name: read_secret(environment, f"praw_{name}") for name in ("client_secret", "password")}
        # What is in no file is left to PRAW, which has its own ways to be told.
        self._secrets = {
            name: text for name, text in given.items() if f"praw_{name}" not in environment and text
        }
        missing = [
            name
            for name in _VARIABLES
            if name not in environment and name.removeprefix("praw_") not in self._secrets
        ]
        if missing:
            raise ConfigError(
                f"the crawler has no credentials: {', '.join(missing)} not set. Register a script at Reddit, "
                f"and set {', '.join(_VARIABLES)} in the environment"
            )
        # PRAW's objects are for one thread each.
        self._local = threading.local()

    def check(self, subreddits: str = "all") -> None:
        try:
            self._page(f"r/{subreddits}/new", "", 1)
        except CredentialsRefused as error:
            raise ConfigError(
                "Reddit refuses the credentials. Compare praw_client_id, praw_client_secret, praw_username "
                "and praw_password with the application's page at Reddit"
            ) from error
        except UserUnreadable as error:
            raise ConfigError(
                f"Reddit shows nothing of r/{subreddits}: private, banned or misspelt. Change the option "
                f"'subreddits' of the crawlers"
            ) from error
        except RedditUnavailable:
            return

    def newest(self, kind: Kind, subreddits: str, after: str = "") -> Page:
        try:
            return self._page(f"r/{subreddits}/{_NEWEST[kind]}", after)
        except UserUnreadable as error:
            raise RedditUnavailable("the listing is not to be seen at the moment") from error

    def written_by(self, user: str, kind: Kind, after: str = "") -> Page:
        return self._page(f"user/{quote(user, safe='')}/{_LISTINGS[kind]}", after)

    def search(self, text: str, subreddits: str, after: str = "") -> Page:
        """Return a page of the submissions that Reddit finds, newest first, from behind `after` on."""
        asked: dict[str, Any] = {"q": text, "type": "link", "restrict_sr": "1"}
        try:
            return self._page(f"r/{subreddits}/search", after, asked=asked)
        except UserUnreadable as error:
            raise RedditUnavailable("nothing is to be searched at the moment") from error

    def look_up(self, names: Sequence[str]) -> list[Item]:
        def found(reddit: praw.Reddit) -> list[Item]:
            # All or none: what is asked for and not found counts as gone.
            return [_item(each) for each in reddit.get("api/info", params={"id": ",".join(names)})]

        try:
            return self._ask(found)
        except UserUnreadable as error:
            raise RedditUnavailable("nothing is to be looked up at the moment") from error

    def _page(
        self, path: str, after: str, limit: int = PAGE_ITEMS, asked: Mapping[str, Any] = MappingProxyType({})
    ) -> Page:
        paging: dict[str, Any] = {"limit": limit, "sort": "new", **({"after": after} if after else {})}

        def page(reddit: praw.Reddit) -> Page:
            listing = reddit.get(path, params={**paging, **asked})
            return Page(_items(listing), has_more=bool(listing.after))

        return self._ask(page)

    def _ask(self, call: Callable[[praw.Reddit], T]) -> T:
        """Ask, and raise what PRAW raises as an error that names neither user nor credentials."""
        try:
            return call(self._reddit())
        except tuple(_UNREADABLE) as error:
            raise UserUnreadable(_UNREADABLE[type(error)]) from None
        except _ODD_ANSWERS as error:
            if isinstance(error, OAuthException | InvalidToken) or _is_about_the_token(error):
                self._budget.failed(_REFUSED_S)
                raise CredentialsRefused("Reddit refuses the credentials") from None
            raise RedditUnavailable(f"answered otherwise than expected: {type(error).__name__}") from None

    def _reddit(self) -> praw.Reddit:
        reddit: praw.Reddit | None = getattr(self._local, "reddit", None)
        if reddit is None:
            try:
                reddit = self._local.reddit = praw.Reddit(
                    requestor_class=BudgetedRequestor,
                    requestor_kwargs={"budget": self._budget, "longest_s": TIMEOUT_S},
                    check_for_updates=False,
                    check_for_async=False,
                    **self._addresses,
                    **self._secrets,
                )
            except MissingRequiredAttributeException as error:
                raise ConfigError(f"PRAW lacks a credential: {error}") from error
        return reddit


class CredentialsRefused(OutOfBudget):
    """The credentials do not count: a new start says so, and what is asked for meanwhile has to wait."""


def _is_about_the_token(error: Exception) -> bool:
    response = getattr(error, "response", None)
    return response is not None and "/api/v1/access_token" in response.url


def _items(listing: Iterable[Any]) -> list[Item]:
    """Return what can be read of a listing: an odd thing in it is stepped over, else it would stop it."""
    found = []
    for thing in listing:
        try:
            found.append(_item(thing))
        except _ODD_ITEM as error:
            logger.warning("item stepped over", extra={"error": type(error).__name__})
    return found


def _item(thing: Any) -> Item:
    """Return what a listing says of a submission or comment, without asking for more."""
    held = vars(thing)
    row = {field: held[field] for field in _FIELDS if held.get(field) is not None}
    for field in ("author", "subreddit"):
        if held.get(field) is not None:
            row[field] = str(held[field])
    row["id"] = thing.fullname
    return Item(number_of(thing.fullname), row)


def _checked_address(name: str, address: str) -> str:
    """Return an address that credentials may be sent to: by https, or to this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ConfigError(f"praw_{name} is {address!r}; credentials go out by https only, or to this machine")
    return address.rstrip("/")
