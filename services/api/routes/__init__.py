"""The operations of the API, a file for each part of it."""

from fastapi import APIRouter

from services.api.problems import described
from services.api.routes import (
    alerts,
    audit,
    control,
    datasets,
    dead_letters,
    description,
    forgetting,
    live,
    oidc,
    queue,
    reviews,
    second_factor,
    session,
    sign_in,
    statistics,
    topics,
    topology,
    users,
    versions,
)

_PARTS = (
    sign_in,
    oidc,
    session,
    second_factor,
    alerts,
    reviews,
    queue,
    users,
    forgetting,
    datasets,
    statistics,
    topics,
    topology,
    control,
    versions,
    dead_letters,
    audit,
    description,
    live,
)


def api_router() -> APIRouter:
    """Return all of them, under the path of this version of the API."""
    router = APIRouter(prefix="/api/v1", responses=described(400, 401, 403, 411, 413, 422, 503))
    for part in _PARTS:
        router.include_router(part.router)
    return router
