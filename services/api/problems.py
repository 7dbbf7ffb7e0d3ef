"""Errors as RFC 9457 problem details: what a client is told, and never what anybody wrote or is called."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catenae import TransientError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
# Of an operation, as FastAPI takes them.
Responses = dict[int | str, dict[str, Any]]


class Problem(Exception):
    """What ends a request: a status, a sentence for the client, headers such as Retry-After, more members."""

    def __init__(
        self, status: int, detail: str, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members
        super().__init__(detail)


def problem_response(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    **members: Any,
) -> JSONResponse:
    """Return a problem as a response."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **members,
    }
    if errors:
        content["errors"] = [dict(each) for each in errors]
    return JSONResponse(content, status, dict(headers or {}), MEDIA_TYPE)


def described(*statuses: int) -> Responses:
    """Return the `responses` of an operation that may end with these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def explain_problems(application: FastAPI) -> None:
    """Have every error of the application answered as a problem."""
    application.add_exception_handler(Problem, _of_problem)
    application.add_exception_handler(HTTPException, _of_http)
    application.add_exception_handler(RequestValidationError, _of_validation)
    application.add_exception_handler(TransientError, _of_absence)


def _of_problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101  registered for it
    return problem_response(error.status, error.detail, error.headers, **error.members)


def _of_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it
    return problem_response(error.status_code, HTTPStatus(error.status_code).description, error.headers)


def _of_validation(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for it
    # Not what was given: it may be a name or a password.
    found = [
        {"where": ".".join(str(part) for part in each["loc"]), "message": each["msg"]}
        for each in error.errors()
    ]
    return problem_response(422, "The request does not fit; see errors.", errors=found)


class LastResort:
    """Answers for what nobody has foreseen, within what adds the headers: no answer tells of the inside."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; answer 500 where that raises before an answer has begun."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._application(scope, receive, noted)
        except Exception:
            if begun or scope["type"] != "http":
                raise
            logger.exception("request failed")
            await problem_response(500, "Something has failed that nobody has foreseen.")(
                scope, receive, send
            )


def _of_absence(_: Request, error: Exception) -> JSONResponse:
    logger.warning("request failed for now", extra={"error": type(error).__name__})
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return problem_response(503, "A server that this one stands on does not answer. Try again.", headers)
