"""Alerts: listed, counted, shown."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from catenae import Document
from services.api.access import Reviewer
from services.api.alerts import Fit, Sort, Wanted, Whose
from services.api.answers import AlertAnswer, Counts, Listed, PrecedentsAnswer
from services.api.collaborators import Here
from services.api.first_look import ALONE, NOT_YET
from services.api.paging import Part
from services.api.problems import Problem, described
from services.api.review_answers import ReviewEvent, ShareAnswer
from services.api.routes.parameters import User, tag
from services.api.shares import share
from services.reddit.records import SECONDS_BELOW

router = APIRouter(prefix="/alerts", tags=["alerts"])

ABSENT = described(404)


class AlertQuery(Part):
    """Which alerts, and which part of them."""

    label: Literal["none", "risk", "no_risk", "unsure", "disputed", "again", "any"] = "any"
    hidden: bool = False
    sort: Sort = Sort.RECENT
    whose: Whose = Whose.ALL
    at_least: float | None = Field(default=None, ge=0, le=1)
    below: float | None = Field(default=None, ge=0, le=1)
    band: Literal["low", "raised", "high", "very high"] | None = None
    is_above: bool = False
    raised_since_ms: int = Field(default=0, ge=0, lt=SECONDS_BELOW * 1000)


@router.get("")
def find(query: Annotated[AlertQuery, Query()], session: Reviewer, here: Here) -> Listed[AlertAnswer]:
    """List alerts: the last raised first, or those of the newest posts, or of the largest probability.

    All of them, or of one band, still above the threshold, raised since.
    """
    bounds = (query.at_least, query.below)
    if query.sort is not Sort.PROBABILITY and bounds != (None, None):
        raise Problem(422, "at_least and below bound the probability: they go with sort=probability.")
    label = None if query.label == "any" else query.label
    here.audit.note(session.name, "alerts listed", label=query.label)
    bands = frozenset() if query.band is None else frozenset([query.band])
    fit = Fit(bands, query.is_above, query.raised_since_ms)
    wanted = Wanted(label, query.hidden, query.sort, *bounds, query.whose, fit)
    found = here.alerts.find(wanted, query, session.name)
    here.audit.note_shown([session.name], "alert shown", [each.user for each in found.items])
    return found


@router.get("/counts")
def counts(session: Reviewer, here: Here) -> Counts:
    """Count alerts by what experts have said."""
    return here.alerts.counts(session.name)


@router.get("/{user}", responses=ABSENT)
def show(user: User, session: Reviewer, here: Here, response: Response) -> AlertAnswer:
    """Show one alert; its `ETag` changes with its reviews."""
    here.audit.note(session.name, "alert seen", user)
    found = here.alerts.get(user, session.name)
    if found is None:
        raise Problem(404, "There is no alert of this user.")
    response.headers["ETag"] = tag(found)
    return found


@router.get("/{user}/precedents", responses=ABSENT)
def precedents(user: User, session: Reviewer, here: Here) -> PrecedentsAnswer:
    """Say how cases in the band of this one were judged; not before a first look without its score."""
    here.audit.note(session.name, "alert seen", user)
    found = here.alerts.get(user, session.name)
    if found is None:
        raise Problem(404, "There is no alert of this user.")
    if found.band is None:
        raise Problem(403, NOT_YET)
    cases, confirmed = here.alerts.judged(found.band)
    of_cases = share(confirmed, cases)
    return PrecedentsAnswer(
        band=found.band,
        cases=cases,
        confirmed=confirmed,
        share=None if of_cases is None else ShareAnswer(**of_cases._asdict()),
    )


@router.get("/{user}/history")
def history(user: User, part: Annotated[Part, Query()], session: Reviewer, here: Here) -> Listed[ReviewEvent]:
    """Show from the audit log who did what with an alert, and when, the newest first.

    Not before a first look without what colleagues found.
    """
    if here.alerts.is_alone(user, session.name):
        raise Problem(403, ALONE)
    here.audit.note(session.name, "history seen", user)
    found = here.audit.reviews(user, part)
    return here.reader.listed(_event, found)


def _event(found: Document) -> ReviewEvent:
    return ReviewEvent(
        at_ms=found["at_ms"],
        account=found["account"],
        action=found["action"],
        label=found["detail"].get("label"),
    )
