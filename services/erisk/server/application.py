"""The shared task's endpoints over HTTP, under any first part of the path; and what came of a team's runs."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.erisk.protocol import Form
from services.erisk.server.challenge import Challenge, Refused
from services.erisk.server.results import results_of

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(slots=True)
class Trouble:
    """What makes the server like one far away.

    latency_s  how long every answer takes
    failing    the share of requests that get no answer: half of them are done all the same
    """

    latency_s: float = 0.0
    failing: float = 0.0


def application(
    teams: Mapping[str, Challenge], truth: Mapping[str, bool], form: Form, trouble: Trouble, seed: int = 0
) -> Starlette:
    """Return the application that gives rounds to teams, by token, and takes what their runs answer.

    `…/results/TOKEN` is no part of the shared task: the measures of each run, and the times of the rounds.
    """
    endpoints = _Endpoints(teams, truth, trouble, random.Random(seed))
    return Starlette(
        routes=[
            Route(f"/{{task}}/{form}/{{token}}", endpoints.troubled(endpoints.round)),
            Route("/{task}/submit/{token}/{run:int}", endpoints.troubled(endpoints.submit), methods=["POST"]),
            Route("/{task}/results/{token}", endpoints.results),
        ]
    )


class _Endpoints:
    """Each handles one request; none waits between what it reads and what it changes."""

    def __init__(
        self,
        teams: Mapping[str, Challenge],
        truth: Mapping[str, bool],
        trouble: Trouble,
        chance: random.Random,
    ) -> None:
        self._teams = teams
        self._truth = truth
        self._trouble = trouble
        self._chance = chance

    async def round(self, request: Request) -> Response:
        team = self._team(request)
        return _no_such_team() if team is None else JSONResponse(team.round())

    async def submit(self, request: Request) -> Response:
        team = self._team(request)
        if team is None:
            return _no_such_team()
        try:
            answers = json.loads(await request.body())
            team.submit(request.path_params["run"], answers)
        except (ValueError, RecursionError):
            return _problem(HTTPStatus.BAD_REQUEST, "answers are JSON")
        except Refused as refused:
            return _problem(HTTPStatus.BAD_REQUEST, str(refused))
        return JSONResponse(answers)

    async def results(self, request: Request) -> Response:
        team = self._team(request)
        return _no_such_team() if team is None else JSONResponse(results_of(team, self._truth).to_json())

    def troubled(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint that is as slow and as unreliable as it is to be."""

        async def answer(request: Request) -> Response:
            await asyncio.sleep(self._trouble.latency_s)
            fails, is_done = self._chance.random() < self._trouble.failing, self._chance.random() < 0.5
            if not fails:
                return await endpoint(request)
            if is_done:
                await endpoint(request)
            return _problem(HTTPStatus.SERVICE_UNAVAILABLE, "try again")

        return answer

    def _team(self, request: Request) -> Challenge | None:
        return self._teams.get(request.path_params["token"])


def _problem(status: HTTPStatus, detail: str) -> Response:
    return JSONResponse({"detail": detail}, status)


def _no_such_team() -> Response:
    return _problem(HTTPStatus.NOT_FOUND, "no team has this token")
