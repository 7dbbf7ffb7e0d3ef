"""Requests to forget a user."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.api.access import Administrator
from services.api.answers import ForgetAnswer, Listed
from services.api.collaborators import Here
from services.api.paging import Part
from services.api.problems import Problem, described
from services.api.routes.parameters import User

router = APIRouter(tags=["users"])


@router.post("/users/{user}/forget", status_code=202, responses=described(404))
def forget(user: User, session: Administrator, here: Here) -> ForgetAnswer:
    """Ask that everything about a user be forgotten, and that the user be left alone."""
    if here.users.get(user, session.name) is None and here.alerts.get(user, session.name) is None:
        raise Problem(404, "Nothing is known of this user.")
    here.audit.note(session.name, "forget requested", user)
    return here.forgetting.request(user, session.name, here.pseudonyms.of_name(user))


@router.get("/forget-requests")
def find(part: Annotated[Part, Query()], session: Administrator, here: Here) -> Listed[ForgetAnswer]:
    """List the requests, the newest first."""
    here.audit.note(session.name, "forget requests listed")
    return here.forgetting.find(part)
