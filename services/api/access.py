"""Who may do what: the session of a request, and the role that an operation asks for."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from services.api.answers import Role
from services.api.collaborators import Collaborators, Here
from services.api.problems import Problem
from services.api.sign_in.sessions import Session

_RANK = {role: rank for rank, role in enumerate(Role)}


def session_of(connection: HTTPConnection, here: Collaborators) -> Session | None:
    """Return who has sent a request, None if nobody is signed in."""
    token = connection.cookies.get(here.site.cookie)
    return here.sessions.find(token, here.now_ms()) if token else None


def must_enrol(session: Session, here: Collaborators) -> bool:
    """Say whether somebody has yet to set up a second factor, asked of all with a password."""
    return here.site.requires_second_factor and session.has_password and not session.has_second_factor


def signed_in(connection: HTTPConnection, here: Here) -> Session:
    """Let all pass who are signed in, also who have yet to set up a second factor: 401 for others."""
    session = session_of(connection, here)
    if session is None:
        raise Problem(401, "Sign in first.")
    return session


SignedIn = Annotated[Session, Depends(signed_in)]


def at_least(role: Role) -> Callable[[Session, Collaborators, HTTPConnection], Session]:
    """Return what lets those of a role, or of more than that, pass: else 401, or 403 and a note."""

    def required(session: SignedIn, here: Here, request: HTTPConnection) -> Session:
        if must_enrol(session, here):
            raise Problem(403, "Set up a second factor first.")
        if _RANK[session.role] < _RANK[role]:
            operation = f"{request.scope['method']} {request.scope['route'].path}"
            here.audit.note(
                session.name, "role refused", request.path_params.get("user"), operation=operation
            )
            raise Problem(403, f"This takes the role of {role.value}; yours is {session.role.value}.")
        return session

    return required


Reviewer = Annotated[Session, Depends(at_least(Role.REVIEWER))]
Curator = Annotated[Session, Depends(at_least(Role.CURATOR))]
Administrator = Annotated[Session, Depends(at_least(Role.ADMINISTRATOR))]
