"""Statistics: now, over the last minutes, and of reviews."""

from fastapi import APIRouter

from services.api.access import Reviewer
from services.api.agreement import Coefficient, ac2, alpha, pairs
from services.api.answers import Role
from services.api.collaborators import Here
from services.api.operator_answers import StatisticsAnswer, StatisticsHistory
from services.api.review_answers import (
    AgreementAnswer,
    CoefficientAnswer,
    FirstLooksAnswer,
    PairAnswer,
    ShareAnswer,
)
from services.api.shares import share

router = APIRouter(prefix="/statistics", tags=["operations"])


@router.get("")
def now(_: Reviewer, here: Here) -> StatisticsAnswer:
    """Say how much there is and how fast it comes, as of a few seconds ago at most."""
    return here.statistics.now()


@router.get("/history")
def history(_: Reviewer, here: Here) -> StatisticsHistory:
    """Say how it was over the last minutes."""
    return here.statistics.history()


@router.get("/agreement")
def agreement(session: Reviewer, here: Here) -> AgreementAnswer:
    """Say how far reviewers agree beyond chance."""
    cases = [case for case in here.reviews.opinions() if len(case) > 1]
    named = pairs(cases) if session.role is Role.ADMINISTRATOR else []
    return AgreementAnswer(
        cases=len(cases),
        reviewers=len({account for case in cases for account in case}),
        alpha=_answer(alpha(cases)),
        ac2=_answer(ac2(cases)),
        pairs=[PairAnswer.model_validate({**each._asdict(), "kappa": _answer(each.kappa)}) for each in named],
    )


@router.get("/first-looks")
def first_looks(_: Reviewer, here: Here) -> FirstLooksAnswer:
    """Say how often an answer that was given without the score changed once it was seen."""
    counted = here.reviews.first_looks()
    found = share(counted["changed"], counted["looks"])
    return FirstLooksAnswer(
        looks=counted["looks"],
        changed=counted["changed"],
        share=None if found is None else ShareAnswer(**found._asdict()),
    )


def _answer(found: Coefficient | None) -> CoefficientAnswer | None:
    return None if found is None else CoefficientAnswer(**found._asdict())
