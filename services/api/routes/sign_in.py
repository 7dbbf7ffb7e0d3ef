"""Signing in with a password."""

import math

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.api.access import session_of
from services.api.answers import SessionAnswer, SignInMethods
from services.api.collaborators import Collaborators, Here
from services.api.origin import DEPARTURE
from services.api.problems import Problem, described
from services.api.sign_in.sessions import LONGEST_MS, Session

router = APIRouter(prefix="/sign-in", tags=["sign-in"])


class Credentials(BaseModel):
    """What somebody signs in with."""

    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000)


@router.get("")
def methods(here: Here) -> SignInMethods:
    """Say how one may sign in."""
    return SignInMethods(password=True, oidc=None if here.issuer is None else DEPARTURE)


@router.post("", responses=described(429))
def sign_in(credentials: Credentials, request: Request, response: Response, here: Here) -> SessionAnswer:
    """Sign in; the answer sets the cookie that every other operation asks for."""
    address = request.client.host if request.client is not None else ""
    wait_s = here.throttle.wait_s(credentials.name, address, here.now_s())
    if wait_s > 0:
        raise Problem(429, "Too many failed tries. Wait.", {"Retry-After": str(math.ceil(wait_s))})
    account = here.accounts.with_password(credentials.name, credentials.password)
    if account is None:
        known = here.accounts.get(credentials.name)
        here.audit.note(known.name if known is not None else "", "sign-in failed")
        raise Problem(401, "No account has this name and password.")
    here.throttle.succeeded(credentials.name, address)
    end_session_before(request, here)
    here.audit.note(account.name, "sign-in")
    return begin_session(account.name, response, here)


def end_session_before(request: Request, here: Collaborators) -> None:
    """End the session that a browser has, if any: with each sign-in begins a new one."""
    before = session_of(request, here)
    if before is not None:
        here.sessions.end([before.id])


def begin_session(name: str, response: Response, here: Collaborators) -> SessionAnswer:
    """Begin a session and hand its cookie to the browser."""
    token = here.sessions.begin(name, here.now_ms())
    session = here.sessions.find(token, here.now_ms())
    if session is None:
        raise Problem(401, "The account may no longer sign in.")
    response.set_cookie(
        here.site.cookie,
        token,
        max_age=LONGEST_MS // 1000,
        path="/",
        secure=here.site.is_secure,
        httponly=True,
        samesite="strict",
    )
    return answer_of(session)


def answer_of(session: Session) -> SessionAnswer:
    """Return what somebody is told of their session."""
    return SessionAnswer(
        name=session.name,
        role=session.role,
        expires_ms=session.expires_ms,
        has_password=session.has_password,
    )
