"""Signing in with a password."""

import math

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.api.access import must_enrol, session_of
from services.api.client_address import client_address
from services.api.collaborators import Collaborators, Here
from services.api.origin import DEPARTURE
from services.api.problems import Problem, described
from services.api.session_answers import SessionAnswer, SignInMethods
from services.api.sign_in.accounts import Account
from services.api.sign_in.devices import KEPT_MS
from services.api.sign_in.sessions import LONGEST_MS, Session
from services.api.sign_in.throttle import Try

router = APIRouter(prefix="/sign-in", tags=["sign-in"])


class Credentials(BaseModel):
    """What somebody signs in with; the code, or a recovery code, where the account has a second factor."""

    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000)
    code: str = Field(default="", max_length=100)


@router.get("")
def methods(here: Here) -> SignInMethods:
    """Say how one may sign in."""
    return SignInMethods(password=True, oidc=None if here.issuer is None else DEPARTURE)


@router.post("", responses=described(429))
def sign_in(credentials: Credentials, request: Request, response: Response, here: Here) -> SessionAnswer:
    """Sign in; the answer sets the cookie that every other operation asks for.

    403 says that name and password are right and the code of the second factor is missing, wrong, or used.
    """
    token = request.cookies.get(here.site.device_cookie, "")
    device = here.devices.find(token, credentials.name, here.now_ms())
    counted = (
        Try.of_stranger(credentials.name, address_of(request, here))
        if device is None
        else Try.of_device(device)
    )
    wait_s = here.throttle.wait_s(counted, here.now_s())
    if wait_s > 0:
        raise too_many(wait_s)
    account = here.accounts.with_password(credentials.name, credentials.password)
    if account is None:
        known = here.accounts.get(credentials.name)
        here.audit.note(known.name if known is not None else "", "sign-in failed")
        raise Problem(401, "No account has this name and password.")
    if account.second_factor is not None:
        if not credentials.code:
            here.throttle.undecided(counted)
            here.audit.note(account.name, "code asked for")
            raise Problem(403, "The account has a second factor. Say a code of it as well.")
        check_code(account, credentials.code, here)
    here.throttle.succeeded(counted)
    end_session_before(request, here)
    here.audit.note(account.name, "sign-in")
    device_token = here.devices.remember(token, account.name, here.now_ms())
    _set_cookie(response, here.site.device_cookie, device_token, KEPT_MS, here)
    return answer_of(begin_session(account.name, response, here), here)


def check_code(account: Account, code: str, here: Collaborators) -> None:
    """Use a code of an account's second factor; note and raise 403 for one that is none, 429."""
    counted = Try.of_codes(account.name)
    wait_s = here.throttle.wait_s(counted, here.now_s())
    if wait_s > 0:
        raise too_many(wait_s)
    taken = here.second_factors.accept(account, code, here.now_s())
    if taken is None:
        here.audit.note(account.name, "code refused")
        raise Problem(403, "The code is another one, or was used before.")
    here.throttle.succeeded(counted)
    if taken == "recovery code":
        here.audit.note(account.name, "recovery code used")


def too_many(wait_s: float) -> Problem:
    """Return what tells somebody to wait."""
    return Problem(429, "Too many failed tries. Wait.", {"Retry-After": str(math.ceil(wait_s))})


def address_of(request: Request, here: Collaborators) -> str:
    """Return by which address whoever asks is known."""
    return client_address(request, here.site.proxies, here.site.proxy_header)


def end_session_before(request: Request, here: Collaborators) -> None:
    """End the session that a browser has, if any: with each sign-in begins a new one."""
    before = session_of(request, here)
    if before is not None:
        here.sessions.end([before.id])


def begin_session(name: str, response: Response, here: Collaborators) -> Session:
    """Begin a session and hand its cookie to the browser."""
    token = here.sessions.begin(name, here.now_ms())
    session = here.sessions.find(token, here.now_ms())
    if session is None:
        raise Problem(401, "The account may no longer sign in.")
    _set_cookie(response, here.site.cookie, token, LONGEST_MS, here)
    return session


def _set_cookie(response: Response, name: str, value: str, age_ms: int, here: Collaborators) -> None:
    response.set_cookie(
        name,
        value,
        max_age=age_ms // 1000,
        path="/",
        secure=here.site.is_secure,
        httponly=True,
        samesite="strict",
    )


def answer_of(session: Session, here: Collaborators) -> SessionAnswer:
    """Return what somebody is told of their session."""
    return SessionAnswer(
        name=session.name,
        role=session.role,
        expires_ms=session.expires_ms,
        has_password=session.has_password,
        must_enrol=must_enrol(session, here),
        is_blind=here.site.is_blind,
        opinions=here.site.opinions,
    )
