"""The session of who is signed in: looked at, ended, its password changed."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.api.access import Reviewer
from services.api.answers import SessionAnswer
from services.api.collaborators import Here
from services.api.problems import Problem, described
from services.api.routes.sign_in import answer_of
from services.api.sign_in.passwords import Unfit

router = APIRouter(prefix="/session", tags=["sign-in"])


class NewPassword(BaseModel):
    """The password as it is, and as it is to be."""

    current: str = Field(min_length=1, max_length=1000)
    new: str = Field(min_length=1, max_length=1000)


@router.get("")
def show(session: Reviewer) -> SessionAnswer:
    """Say who is signed in."""
    return answer_of(session)


@router.delete("", status_code=204)
def sign_out(session: Reviewer, response: Response, here: Here) -> None:
    """Sign out; open pages of this session hear no more."""
    here.sessions.end([session.id])
    here.listeners.close([session.id])
    here.audit.note(session.name, "sign-out")
    response.delete_cookie(
        here.site.cookie, path="/", secure=here.site.is_secure, httponly=True, samesite="strict"
    )


@router.put("/password", status_code=204, responses=described(429))
def change_password(new: NewPassword, session: Reviewer, here: Here) -> None:
    """Change the password; every other session of the account ends."""
    if here.throttle.wait_s(session.name, session.id, here.now_s()) > 0:
        raise Problem(429, "Too many failed tries. Wait.", {"Retry-After": "60"})
    if here.accounts.with_password(session.name, new.current) is None:
        here.audit.note(session.name, "password change failed")
        raise Problem(403, "The current password is another one.")
    here.throttle.succeeded(session.name, session.id)
    try:
        here.accounts.set_way(session.name, new.new)
    except Unfit as error:
        raise Problem(422, f"The new password is not taken: {error}.") from error
    here.sessions.end_all(session.name, but=session.id)
    here.audit.note(session.name, "password change")
