"""Reviews of an alert: each reviewer's own word, a third person's decision, and what is out of the lists."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from catenae import Document
from services.api.access import Reviewer
from services.api.answers import AlertAnswer, Label
from services.api.audit import Act
from services.api.collaborators import Collaborators, Here
from services.api.first_look import ALONE
from services.api.problems import Problem, described
from services.api.review_answers import CaseReviews, Conflict, ReviewAnswer
from services.api.review_record import Record, Standing, Verdict, standing
from services.api.reviews import Opinion, Overtaken, Unfit
from services.api.routes.parameters import IfMatch, User, tag, version_of
from services.reddit.records import SECONDS_BELOW

router = APIRouter(prefix="/alerts/{user}", tags=["reviews"])

A_DAY_MS = 86_400_000
CHANGES = described(404, 409)


class Labelling(BaseModel):
    """What an alert is found to be."""

    label: Label


class Reviewing(BaseModel):
    """What a reviewer says of a case, how sure, why, and how it was come to."""

    verdict: Verdict
    confidence: int | None = Field(default=None, ge=1, le=5)
    reason: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=4000)
    looked_ms: int | None = Field(default=None, ge=0, le=A_DAY_MS)
    is_blind: bool = False
    snoozed_ms: int | None = Field(default=None, ge=0, lt=SECONDS_BELOW * 1000)


class Settling(BaseModel):
    """What a third person decides, and why."""

    label: Label
    note: str = Field(default="", max_length=4000)


class Hiding(BaseModel):
    """Why an alert is taken out of the lists."""

    reason: str = Field(default="", max_length=200)


class Changing:
    """A change of one case by one account, noted before it is done; not one of an alert that there is not."""

    def __init__(
        self, user: User, session: Reviewer, here: Here, response: Response, if_match: IfMatch = None
    ) -> None:
        self.user: str = user
        self.account = session.name
        self.expected = version_of(if_match)
        self._here = here
        self._response = response

    def do(self, act: Act, change: Callable[[], bool], label: str | None = None) -> AlertAnswer:
        """Do it; return the alert as it is then."""
        here = self._here
        if here.alerts.get(self.user, self.account) is None:
            raise Problem(404, "There is no alert of this user.")
        with self._refused():
            here.reviews.check(self.user, self.account, self.expected)
        here.audit.note(self.account, act, self.user, is_review=True, label=label)
        try:
            with self._refused():
                is_there = change()
        except Problem:
            here.audit.note(self.account, "review refused", self.user, is_review=True)
            raise
        found = here.alerts.get(self.user, self.account) if is_there else None
        if found is None:
            raise Problem(404, "There is no alert of this user.")
        self._response.headers["ETag"] = tag(found)
        return found

    @contextmanager
    def _refused(self) -> Iterator[None]:
        """Have a change that does not come about answered with who did what meanwhile, or with why."""
        try:
            yield
        except Overtaken as overtaken:
            if self._here.alerts.is_alone(self.user, self.account):
                raise Problem(409, f"Somebody has been faster. {ALONE}") from overtaken
            raise Problem(409, _told(overtaken.last), last=_conflict(overtaken.last)) from overtaken
        except Unfit as unfit:
            raise Problem(409, str(unfit)) from unfit


Change = Annotated[Changing, Depends()]


@router.get("/reviews", responses=described(404))
def show(user: User, session: Reviewer, here: Here) -> CaseReviews:
    """Show all reviews of a case, the oldest first; none before a first look without those of colleagues."""
    if here.alerts.get(user, session.name) is None:
        raise Problem(404, "There is no alert of this user.")
    here.audit.note(session.name, "reviews seen", user)
    if here.alerts.is_alone(user, session.name):
        return CaseReviews(reviews=[])
    is_blind = here.alerts.is_kept(user, session.name)
    return _answers(here, here.reviews.documents(user), is_blind=is_blind)


@router.put("/review", responses=CHANGES)
def say(reviewing: Reviewing, change: Change, here: Here) -> AlertAnswer:
    """Say what one finds, in place of what one said before. Nobody else's word changes."""
    opinion = Opinion(**reviewing.model_dump())
    return change.do(
        "label",
        lambda: here.reviews.say(change.user, change.account, opinion, change.expected),
        opinion.verdict.value,
    )


@router.delete("/review", responses=CHANGES)
def take_back(change: Change, here: Here) -> AlertAnswer:
    """Take back what one has said. Nobody else's word changes."""
    return change.do("unlabel", lambda: here.reviews.take_back(change.user, change.account, change.expected))


@router.put("/settlement", responses=CHANGES)
def settle(settling: Settling, change: Change, here: Here) -> AlertAnswer:
    """Decide between reviews that differ, as a third person."""
    verdict = Verdict(settling.label.value)
    return change.do(
        "settle",
        lambda: here.reviews.settle(change.user, change.account, verdict, settling.note, change.expected),
        verdict.value,
    )


@router.delete("/settlement", responses=CHANGES)
def unsettle(change: Change, here: Here) -> AlertAnswer:
    """Take back one's own decision."""
    return change.do("unsettle", lambda: here.reviews.unsettle(change.user, change.account, change.expected))


@router.put("/label", responses=CHANGES)
def label(labelling: Labelling, change: Change, here: Here) -> AlertAnswer:
    """Say that an alert is a risk, or none: a review without more."""
    opinion = Opinion(Verdict(labelling.label.value))
    return change.do(
        "label",
        lambda: here.reviews.say(change.user, change.account, opinion, change.expected),
        opinion.verdict.value,
    )


@router.delete("/label", responses=CHANGES)
def unlabel(change: Change, here: Here) -> AlertAnswer:
    """Take back one's own review."""
    return take_back(change, here)


@router.put("/hidden", responses=CHANGES)
def hide(change: Change, here: Here, hiding: Hiding | None = None) -> AlertAnswer:
    """Take an alert out of the lists."""
    reason = "" if hiding is None else hiding.reason
    return change.do(
        "hide",
        lambda: here.reviews.hide(change.user, change.account, reason, change.expected, is_hidden=True),
    )


@router.delete("/hidden", responses=CHANGES)
def unhide(change: Change, here: Here) -> AlertAnswer:
    """Put an alert back into the lists."""
    return change.do(
        "unhide",
        lambda: here.reviews.hide(change.user, change.account, expected=change.expected, is_hidden=False),
    )


def _answers(here: Collaborators, found: list[Document], *, is_blind: bool) -> CaseReviews:
    now = standing(Record.of(each) for each in found)
    answers, left_out = here.reader.every(lambda each: _answer(each, now, is_blind=is_blind), found)
    return CaseReviews(reviews=answers, left_out=left_out)


def _answer(found: Document, now: Standing, *, is_blind: bool) -> ReviewAnswer:
    record = Record.of(found)
    seen = found.get("of") or {}
    unsaid = {
        "verdict": None,
        "confidence": None,
        "reason": "",
        "note": "",
        "looked_ms": None,
        "is_blind": False,
    }
    holds = (now.opinions.get(record.account), now.settled, now.hidden)
    return ReviewAnswer.model_validate(
        {
            **unsaid,
            **found,
            "probability": None if is_blind else seen.get("probability"),
            "model": seen.get("model"),
            "stands": record in holds,
        }
    )


def _conflict(last: Record) -> dict[str, object]:
    conflict = Conflict(account=last.account, deed=last.deed, verdict=last.verdict, at_ms=last.at_ms)
    return conflict.model_dump(mode="json")


def _told(last: Record) -> str:
    what = last.deed.value if last.verdict is None else f"{last.deed.value} {last.verdict.value}"
    return f"{last.account} has been faster ({what}). Load the alert again."
