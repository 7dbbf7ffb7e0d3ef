"""What a test or a person may do to the local Reddit while it runs, over HTTP under /control.

GET  /control/state                                             time, counts, settings
POST /control/clock     {"now_utc": …} {"advance_s": …} {"speed": …}
POST /control/faults    {"trouble": "status", …}, see faults.Fault; DELETE takes all away
POST /control/items     {"names": [full names], "gone": "author" | "moderator" | ""}
POST /control/accounts  {"names": […], "standing": "active" | "hidden" | "suspended" | "deleted"}
POST /control/limits    {"latency_s": …, "requests": …, "window_s": …, "token_life_s": …}
GET  /control/requests  every request: [at_s, client, path, status]
GET  /control/reachable  full names that a client can find now
GET  /control/truth     account → whether its person is positive
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.reddit.demo.community import Gone, Standing
from services.reddit.demo.faults import Fault, Trouble
from services.reddit.demo.reddit import LocalReddit

Endpoint = Callable[[Request], Awaitable[Response]]


def control_routes(reddit: LocalReddit) -> Sequence[Route]:
    """Return the routes of the control endpoints."""
    control = _Control(reddit)
    return [
        Route("/control/state", _shown(control.state)),
        Route("/control/clock", _done(control.clock), methods=["POST"]),
        Route("/control/faults", _done(control.add_fault), methods=["POST"]),
        Route("/control/faults", _shown(control.clear_faults), methods=["DELETE"]),
        Route("/control/items", _done(control.items), methods=["POST"]),
        Route("/control/accounts", _done(control.accounts), methods=["POST"]),
        Route("/control/limits", _done(control.limits), methods=["POST"]),
        Route("/control/requests", _shown(lambda: [list(each) for each in reddit.ledger])),
        Route("/control/reachable", _shown(lambda: [item.name for item in reddit.listings.reachable()])),
        Route("/control/truth", _shown(reddit.community.truth)),
    ]


class _Control:
    """A method for each endpoint that does something; what it returns is shown."""

    def __init__(self, reddit: LocalReddit) -> None:
        self._reddit = reddit

    def state(self) -> Any:
        reddit = self._reddit
        return {
            "now_utc": reddit.calendar.now_utc(),
            "opens_utc": reddit.community.plan.opens_utc,
            "accounts": len(reddit.community.accounts),
            "items": sum(reddit.listings.is_visible(item) for item in reddit.community.items),
            "items_to_come": sum(not reddit.listings.is_visible(item) for item in reddit.community.items),
            "requests": len(reddit.ledger),
            "statuses": reddit.ledger.statuses(),
            "budget": {"requests": reddit.budget.requests, "window_s": reddit.budget.window_s},
            "latency_s": reddit.latency_s,
        }

    def clock(self, wish: dict[str, Any]) -> Any:
        calendar = self._reddit.calendar
        if "speed" in wish:
            calendar.run_at(float(wish["speed"]))
        if "now_utc" in wish:
            calendar.set_to(float(wish["now_utc"]))
        calendar.advance(float(wish.get("advance_s", 0.0)))
        return {"now_utc": calendar.now_utc()}

    def add_fault(self, wish: dict[str, Any]) -> Any:
        self._reddit.faults.add(Fault(**(wish | {"trouble": Trouble(wish["trouble"])})))
        return {"faults": len(self._reddit.faults.left)}

    def clear_faults(self) -> Any:
        self._reddit.faults.clear()
        return {"faults": 0}

    def items(self, wish: dict[str, Any]) -> Any:
        return {"items": self._reddit.take_away(wish["names"], Gone(wish["gone"]))}

    def accounts(self, wish: dict[str, Any]) -> Any:
        standing = Standing(wish["standing"])
        found = [self._reddit.community.accounts[name] for name in wish["names"]]
        for account in found:
            account.standing = standing
        return {"accounts": len(found)}

    def limits(self, wish: dict[str, Any]) -> Any:
        reddit = self._reddit
        reddit.latency_s = float(wish.get("latency_s", reddit.latency_s))
        reddit.token_life_s = float(wish.get("token_life_s", reddit.token_life_s))
        reddit.budget.requests = int(wish.get("requests", reddit.budget.requests))
        reddit.budget.window_s = float(wish.get("window_s", reddit.budget.window_s))
        return self.state()


def _shown(look: Callable[[], Any]) -> Endpoint:
    async def endpoint(request: Request) -> Response:  # noqa: ARG001  an endpoint takes it
        return JSONResponse(look())

    return endpoint


def _done(act: Callable[[dict[str, Any]], Any]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(act(json.loads(await request.body())))
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)

    return endpoint
