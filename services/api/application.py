"""The application put together: operations, pages, and what every request passes through first."""

from typing import Any

from fastapi import FastAPI
from starlette.responses import Response

from services.api.answers import ProblemAnswer
from services.api.body_limit import BodyLimit
from services.api.collaborators import Collaborators, Here
from services.api.encoded_path import EncodedPath
from services.api.headers import StrictHeaders
from services.api.listening import LIVE, alive
from services.api.origin import OwnOrigin
from services.api.pages import Pages
from services.api.problems import LastResort, explain_problems
from services.api.routes import api_router


class Application(FastAPI):
    """FastAPI, whose description knows what a problem looks like."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI description."""
        description = super().openapi()
        schemas = description.setdefault("components", {}).setdefault("schemas", {})
        problem = ProblemAnswer.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= {**problem.pop("$defs"), "ProblemAnswer": problem}
        return description


def application(collaborators: Collaborators) -> Application:
    """Return the ASGI application of a server."""
    made = Application(
        title="Screening",
        version="1",
        # Each of these would be readable by anybody, and the pages load from elsewhere.
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    made.state.collaborators = collaborators
    explain_problems(made)
    made.include_router(api_router())
    for path in (LIVE, "/ready"):
        made.add_api_route(path, _alive, include_in_schema=False)
    made.router.default = Pages(collaborators.site.pages)
    # Added first, so that it is the innermost: the others judge the path that is meant.
    made.add_middleware(EncodedPath)
    made.add_middleware(BodyLimit)
    made.add_middleware(OwnOrigin, origins=frozenset(collaborators.site.origins))
    made.add_middleware(LastResort)
    # Added last, so that it is the outermost: refusals have the headers as well.
    made.add_middleware(StrictHeaders, is_secure=collaborators.site.is_secure)
    return made


async def _alive(here: Here) -> Response:
    """Say that the server answers; what it stands on is checked by the node's own probes."""
    return Response(alive(here.pseudonyms.mark), media_type="text/plain")
