"""The session of who is signed in: looked at, ended, its password changed."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.api.access import Reviewer, SignedIn
from services.api.audit import Act
from services.api.collaborators import Collaborators, Here
from services.api.problems import Problem, described
from services.api.routes.sign_in import answer_of, begin_session
from services.api.session_answers import OtherSession, OtherSessions, SessionAnswer
from services.api.sign_in.accounts import Account
from services.api.sign_in.passwords import Unfit
from services.api.sign_in.sessions import Session
from services.api.sign_in.throttle import Try

router = APIRouter(prefix="/session", tags=["sign-in"])


class NewPassword(BaseModel):
    """The password as it is, and as it is to be."""

    current: str = Field(min_length=1, max_length=1000)
    new: str = Field(min_length=1, max_length=1000)


@router.get("")
def show(session: SignedIn, here: Here) -> SessionAnswer:
    """Say who is signed in."""
    return answer_of(session, here)


@router.delete("", status_code=204)
def sign_out(session: SignedIn, response: Response, here: Here) -> None:
    """Sign out; open pages of this session hear no more."""
    here.sessions.end([session.id])
    here.listeners.close([session.id])
    here.audit.note(session.name, "sign-out")
    response.delete_cookie(
        here.site.cookie, path="/", secure=here.site.is_secure, httponly=True, samesite="strict"
    )


@router.get("/others")
def others(session: Reviewer, here: Here) -> OtherSessions:
    """List the sessions of the same account that go on elsewhere."""
    return OtherSessions(
        sessions=[
            OtherSession(begun_ms=each.begun_ms, seen_ms=each.seen_ms)
            for each in here.sessions.of_account(session.name, here.now_ms())
            if each.id != session.id
        ]
    )


@router.delete("/others", status_code=204)
def end_others(session: Reviewer, here: Here) -> None:
    """End every other session of the account."""
    here.audit.note(session.name, "other sessions ended")
    here.sessions.end_all(session.name, but=session.id)


@router.put("/password", status_code=204, responses=described(429))
def change_password(new: NewPassword, session: Reviewer, response: Response, here: Here) -> None:
    """Change the password; every session of the account ends, and this one goes on under another token."""
    with_current_password(session, new.current, "password change failed", here)
    try:
        here.accounts.set_way(session.name, new.new)
    except Unfit as error:
        raise Problem(422, f"The new password is not taken: {error}.") from error
    here.audit.note(session.name, "password change")
    begin_anew(session, response, here)


def with_current_password(session: Session, password: str, failed: Act, here: Collaborators) -> Account:
    """Return the account of somebody who says its password again; note and raise 403 for another one, 429."""
    counted = Try.of_session(session.id)
    if here.throttle.wait_s(counted, here.now_s()) > 0:
        raise Problem(429, "Too many failed tries. Wait.", {"Retry-After": "60"})
    account = here.accounts.with_password(session.name, password)
    if account is None:
        here.audit.note(session.name, failed)
        raise Problem(403, "The current password is another one.")
    here.throttle.succeeded(counted)
    return account


def begin_anew(session: Session, response: Response, here: Collaborators) -> None:
    """End every session of an account whose way to sign in is another one now; this one goes on."""
    here.sessions.end_all(session.name)
    here.listeners.renew(session.id, begin_session(session.name, response, here))
