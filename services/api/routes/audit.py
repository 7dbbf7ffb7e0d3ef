"""The audit log, for administrators to read; nobody can change it here."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from services.api.access import Administrator
from services.api.answers import Listed
from services.api.collaborators import Here
from services.api.operator_answers import AuditEvent
from services.api.paging import Part
from services.api.routes.parameters import NO_NUL

router = APIRouter(prefix="/audit", tags=["operations"])


class AuditQuery(Part):
    """Whose acts, which, or about whom."""

    account: str | None = Field(default=None, max_length=200, pattern=NO_NUL)
    action: str | None = Field(default=None, max_length=200, pattern=NO_NUL)
    user: str | None = Field(default=None, max_length=200, pattern=NO_NUL)


@router.get("")
def find(query: Annotated[AuditQuery, Query()], session: Administrator, here: Here) -> Listed[AuditEvent]:
    """List what was done, the newest first."""
    here.audit.note(session.name, "audit log read")
    where = {"account": query.account, "action": query.action, "user": query.user}
    found = here.audit.find(where, query)
    return here.reader.listed(AuditEvent.model_validate, found)
