"""Versions of the code and of the models."""

from fastapi import APIRouter

from services.api.access import Reviewer
from services.api.collaborators import Here
from services.api.operator_answers import Versions
from services.api.versions import versions

router = APIRouter(prefix="/versions", tags=["operations"])


@router.get("")
def show(_: Reviewer, here: Here) -> Versions:
    """Say what code and which models there are, and which model is in use."""
    return versions(here.site.model)
