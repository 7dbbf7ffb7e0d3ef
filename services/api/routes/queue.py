"""The queue and its leases: the next case, who works on which, and what somebody leaves to others."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.api.access import Reviewer
from services.api.alerts import Fit
from services.api.answers import LeaseAnswer, NextAnswer
from services.api.collaborators import Collaborators, Here
from services.api.problems import Problem, described
from services.api.queue import WhySkipped
from services.api.routes.parameters import User
from services.reddit.records import SECONDS_BELOW

router = APIRouter(tags=["queue"])

ABSENT = described(404)
Band = Annotated[str, Field(max_length=20)]


class Wanted(BaseModel):
    """Which cases are wanted from the queue."""

    bands: list[Band] = Field(default=[], max_length=4)
    is_above: bool = False
    raised_since_ms: int = Field(default=0, ge=0, lt=SECONDS_BELOW * 1000)


class Skipping(BaseModel):
    """Why a case is left to others."""

    why: WhySkipped


@router.post("/queue/next")
def give(wanted: Wanted, session: Reviewer, here: Here) -> NextAnswer:
    """Lease the next case to who asks: one that is nobody's and not reviewed, or has come back."""
    chosen = Fit(frozenset(wanted.bands), wanted.is_above, wanted.raised_since_ms)
    if here.site.is_blind and chosen.is_by_score:
        raise Problem(403, "This project looks first without the score: ask for cases without bands.")
    user = here.queue.next(session.name, chosen, here.now_ms())
    here.audit.note(session.name, "case given", user)
    return NextAnswer(alert=None if user is None else here.alerts.get(user, session.name))


@router.put("/alerts/{user}/lease", responses=ABSENT)
def take(user: User, session: Reviewer, here: Here) -> LeaseAnswer:
    """Work on a case for some minutes, unless somebody else does; say who does."""
    _require(user, session.name, here)
    lease = here.leases.take(user, session.name)
    return LeaseAnswer(account=lease.account, until_ms=lease.until_ms, is_mine=lease.account == session.name)


@router.delete("/alerts/{user}/lease", status_code=204, responses=ABSENT)
def leave(user: User, session: Reviewer, here: Here) -> None:
    """Leave a case to whoever wants it, if it is one's own."""
    _require(user, session.name, here)
    here.leases.leave(user, session.name)


@router.put("/alerts/{user}/skip", status_code=204, responses=ABSENT)
def skip(user: User, skipping: Skipping, session: Reviewer, here: Here) -> None:
    """Leave a case to others for a reason: the queue never gives it to this account again."""
    _require(user, session.name, here)
    here.audit.note(session.name, "case skipped", user)
    here.queue.skip(user, session.name, skipping.why, here.now_ms())


def _require(user: str, account: str, here: Collaborators) -> None:
    if here.alerts.get(user, account) is None:
        raise Problem(404, "There is no alert of this user.")
