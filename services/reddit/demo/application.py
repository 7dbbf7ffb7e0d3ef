"""The local Reddit's endpoints over HTTP: those that PRAW uses to read, as PRAW wants them answered."""

import asyncio
import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from services.reddit.demo import ledger, things
from services.reddit.demo.community import Account, Standing
from services.reddit.demo.control import control_routes
from services.reddit.demo.faults import Fault, Trouble
from services.reddit.demo.listings import USUAL_PAGE, Page, Paging
from services.reddit.demo.reddit import CLIENT_ID, CLIENT_SECRET, LocalReddit

Endpoint = Callable[[Request], Awaitable[Response]]

_SUBREDDIT_LISTINGS = {"new": "submission", "comments": "comment"}
_USER_LISTINGS = {"submitted": "submission", "comments": "comment", "overview": "overview"}
_INFO_MOST = 100


def application(reddit: LocalReddit) -> ASGIApp:
    """Return the application that answers for a local Reddit."""
    endpoints = _Endpoints(reddit)
    app = Starlette(
        routes=[
            Route("/api/v1/access_token", endpoints.access_token, methods=["POST"]),
            Route("/api/v1/me", endpoints.limited(endpoints.me)),
            Route("/api/info", endpoints.limited(endpoints.info)),
            Route("/r/{subreddits}/about", endpoints.limited(endpoints.subreddit)),
            Route("/r/{subreddits}/search", endpoints.limited(endpoints.search)),
            Route("/r/{subreddits}/{listing}", endpoints.limited(endpoints.of_subreddits)),
            Route("/user/{name}/about", endpoints.limited(endpoints.user)),
            Route("/user/{name}/{listing}", endpoints.limited(endpoints.of_user)),
            *control_routes(reddit),
        ]
    )
    return _WithoutSlash(app)


class _WithoutSlash:
    """Takes `/api/info/` for `/api/info`, both of which PRAW asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        await self._app(scope, receive, send)


class _Endpoints:
    """A method for each endpoint. The names in braces are parameters of the path."""

    def __init__(self, reddit: LocalReddit) -> None:
        self._reddit = reddit

    def limited(self, endpoint: Endpoint) -> Endpoint:
        """Return the endpoint as a client meets it: counted, slow, limited, and failing when told."""

        async def answer(request: Request) -> Response:
            reddit = self._reddit
            at_s = reddit.clock_s()
            client = reddit.client_of(request.headers.get("authorization", "").partition(" ")[2])
            allowance = reddit.budget.spend(client or "")
            if reddit.latency_s:
                await asyncio.sleep(reddit.latency_s)
            fault = reddit.faults.of(request.url.path)
            if fault is not None:
                response = await _failed(fault)
            elif client is None:
                response = _error(401, {"www-authenticate": 'Bearer realm="reddit", error="invalid_token"'})
            elif allowance.is_exceeded:
                response = _error(429)
            else:
                response = await endpoint(request)
            status = 0 if isinstance(response, _Broken) else response.status_code
            reddit.ledger.add(ledger.Request(at_s, client or "", request.url.path, status))
            response.headers.update(allowance.headers())
            return response

        return answer

    async def access_token(self, request: Request) -> Response:
        """Give out a token to a script or a read-only client. Not counted as a request."""
        fault = self._reddit.faults.of(request.url.path)
        if fault is not None:
            return await _failed(fault)
        client_id, _, secret = _basic(request.headers.get("authorization", "")).partition(":")
        if (client_id, secret) != (CLIENT_ID, CLIENT_SECRET):
            return _error(401)
        form = parse_qs((await request.body()).decode())
        grant = form.get("grant_type", [""])[0]
        if grant == "password" and not form.get("password"):
            return _json({"error": "invalid_grant"})
        if grant not in ("password", "client_credentials"):
            return _json({"error": "unsupported_grant_type"})
        owner = form.get("username", [""])[0]
        return _json(
            {
                "access_token": self._reddit.new_token(owner or client_id),
                "token_type": "bearer",
                "expires_in": int(self._reddit.token_life_s),
                "scope": "*",
            }
        )

    async def me(self, request: Request) -> Response:
        """Say whose token it is."""
        client = self._reddit.client_of(request.headers["authorization"].partition(" ")[2])
        return _json({"name": client, "id": "me", "is_employee": False})

    async def info(self, request: Request) -> Response:
        """Show the items of some full names, also those that are gone."""
        names = request.query_params.get("id", "").split(",")[:_INFO_MOST]
        return _json(things.listing(self._reddit.items(names)))

    async def subreddit(self, request: Request) -> Response:
        """Show what is known of a subreddit."""
        name = request.path_params["subreddits"]
        if self._reddit.listings.of_subreddits([name], "submission", Paging()) is None:
            return _error(404)
        return _json(things.subreddit_about(name))

    async def of_subreddits(self, request: Request) -> Response:
        """Show what is new in "all", a subreddit, or several with a plus sign in between."""
        kind = _SUBREDDIT_LISTINGS.get(request.path_params["listing"])
        names = request.path_params["subreddits"].split("+")
        page = self._reddit.listings.of_subreddits(names, kind, _paging(request)) if kind else None
        return _error(404) if page is None else _json(things.page_of(page))

    async def search(self, request: Request) -> Response:
        """Show the submissions that hold all words of a query, newest first."""
        names = request.path_params["subreddits"].split("+")
        page = self._reddit.listings.search(request.query_params.get("q", ""), names, _paging(request))
        return _error(404) if page is None else _json(things.page_of(page))

    async def user(self, request: Request) -> Response:
        """Show what is known of an account."""
        account = self._reddit.account(request.path_params["name"])
        return _error(404) if account is None else _json(things.account_about(account))

    async def of_user(self, request: Request) -> Response:
        """Show what an account wrote, unless it may not or does not want to be seen."""
        account = self._reddit.account(request.path_params["name"])
        kinds = _USER_LISTINGS.get(request.path_params["listing"])
        if account is None or kinds is None:
            return _error(404)
        if account.standing is Standing.SUSPENDED:
            return _error(403)
        return _json(things.page_of(self._of_account(account, kinds, _paging(request))))

    def _of_account(self, account: Account, kinds: str, paging: Paging) -> Page:
        if account.standing is Standing.HIDDEN:
            return Page(())
        return self._reddit.listings.of_author(account, kinds, paging)


class _Broken(Response):
    """An answer that ends before it is complete, or never begins."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  it is ASGI's
        if self.body:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": self.body[:-1], "more_body": True})
        # Returning without the rest makes the server end the connection.


async def _failed(fault: Fault) -> Response:
    if fault.trouble is Trouble.STATUS:
        return _error(
            fault.status, {"retry-after": str(fault.retry_after_s)} if fault.retry_after_s else None
        )
    if fault.trouble is Trouble.HANG:
        await asyncio.sleep(fault.hang_s)
        return _Broken(b"")
    if fault.trouble is Trouble.CUT:
        return _Broken(b'{"kind": "Listing", "data": ', media_type="application/json")
    return Response(b"<html>something is wrong</html>", media_type="text/html")


def _paging(request: Request) -> Paging:
    query: QueryParams = request.query_params
    limit = query.get("limit", "")
    return Paging(
        int(limit) if limit.isdecimal() else USUAL_PAGE, query.get("after", ""), query.get("before", "")
    )


def _basic(header: str) -> str:
    """Return what an `Authorization: Basic` header says; empty if it says nothing."""
    try:
        return base64.b64decode(header.partition(" ")[2], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _json(value: Any) -> Response:
    return Response(json.dumps(value), media_type="application/json")


def _error(status: int, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps({"message": "local Reddit", "error": status})
    return Response(body, status, headers, "application/json")
