"""The description of this API, for programs. There is no page for people: it would load from elsewhere."""

from typing import Any

from fastapi import APIRouter, Request

from services.api.access import Reviewer

router = APIRouter(tags=["operations"])


@router.get("/openapi.json", include_in_schema=False)
def describe(request: Request, _: Reviewer) -> dict[str, Any]:
    """Return the OpenAPI description."""
    found: dict[str, Any] = request.app.openapi()
    return found
