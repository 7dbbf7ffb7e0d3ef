"""Alerts: listed, labelled, hidden."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from catenae import Document
from services.api.access import Reviewer
from services.api.alerts import Sort, Wanted
from services.api.answers import AlertAnswer, Counts, Label, Listed, ReviewEvent
from services.api.audit import Act
from services.api.collaborators import Collaborators, Here
from services.api.paging import Part
from services.api.problems import Problem, described
from services.api.routes.parameters import User

router = APIRouter(prefix="/alerts", tags=["alerts"])

ABSENT = described(404)


class AlertQuery(Part):
    """Which alerts, and which part of them."""

    label: Literal["none", "risk", "no_risk", "any"] = "any"
    hidden: bool = False
    sort: Sort = Sort.RECENT
    at_least: float | None = Field(default=None, ge=0, le=1)
    below: float | None = Field(default=None, ge=0, le=1)


class Labelling(BaseModel):
    """What an alert is found to be."""

    label: Label


@router.get("")
def find(query: Annotated[AlertQuery, Query()], session: Reviewer, here: Here) -> Listed[AlertAnswer]:
    """List alerts: by when they were opened, newest first, or by probability, largest first."""
    bounds = (query.at_least, query.below)
    if query.sort is not Sort.PROBABILITY and bounds != (None, None):
        raise Problem(422, "at_least and below bound the probability: they go with sort=probability.")
    label = None if query.label == "any" else query.label
    here.audit.note(session.name, "alerts listed", label=query.label)
    found = here.alerts.find(Wanted(label, query.hidden, query.sort, *bounds), query)
    here.audit.note_shown([session.name], "alert shown", [each.user for each in found.items])
    return found


@router.get("/counts")
def counts(_: Reviewer, here: Here) -> Counts:
    """Count alerts by what experts have said."""
    return here.alerts.counts()


@router.get("/{user}", responses=ABSENT)
def show(user: User, session: Reviewer, here: Here) -> AlertAnswer:
    """Show one alert."""
    here.audit.note(session.name, "alert seen", user)
    return _found(here.alerts.get(user))


@router.put("/{user}/label", responses=ABSENT)
def label(user: User, labelling: Labelling, session: Reviewer, here: Here) -> AlertAnswer:
    """Say that an alert is a risk, or none."""
    _note(here, session.name, "label", user, labelling.label)
    return _found(here.alerts.label(user, labelling.label, session.name))


@router.delete("/{user}/label", responses=ABSENT)
def unlabel(user: User, session: Reviewer, here: Here) -> AlertAnswer:
    """Take back what was said of an alert."""
    _note(here, session.name, "unlabel", user)
    return _found(here.alerts.label(user, None, session.name))


@router.put("/{user}/hidden", responses=ABSENT)
def hide(user: User, session: Reviewer, here: Here) -> AlertAnswer:
    """Take an alert out of the lists."""
    _note(here, session.name, "hide", user)
    return _found(here.alerts.hide(user, session.name, is_hidden=True))


@router.delete("/{user}/hidden", responses=ABSENT)
def unhide(user: User, session: Reviewer, here: Here) -> AlertAnswer:
    """Put an alert back into the lists."""
    _note(here, session.name, "unhide", user)
    return _found(here.alerts.hide(user, session.name, is_hidden=False))


@router.get("/{user}/history")
def history(user: User, part: Annotated[Part, Query()], session: Reviewer, here: Here) -> Listed[ReviewEvent]:
    """Show who labelled and hid an alert, and when, the newest first."""
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


def _note(here: Collaborators, account: str, action: Act, user: str, label: Label | None = None) -> None:
    """Write a review to the log, before it is done; not one of an alert that there is not."""
    _found(here.alerts.get(user))
    here.audit.note(account, action, user, is_review=True, label=None if label is None else label.value)


def _found(alert: AlertAnswer | None) -> AlertAnswer:
    if alert is None:
        raise Problem(404, "There is no alert of this user.")
    return alert
