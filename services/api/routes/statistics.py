"""Statistics: now, and over the last minutes."""

from fastapi import APIRouter

from services.api.access import Reviewer
from services.api.answers import StatisticsAnswer, StatisticsHistory
from services.api.collaborators import Here

router = APIRouter(prefix="/statistics", tags=["operations"])


@router.get("")
def now(_: Reviewer, here: Here) -> StatisticsAnswer:
    """Say how much there is and how fast it comes, as of a few seconds ago at most."""
    return here.statistics.now()


@router.get("/history")
def history(_: Reviewer, here: Here) -> StatisticsHistory:
    """Say how it was over the last minutes."""
    return here.statistics.history()
