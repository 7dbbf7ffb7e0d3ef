"""Signing in by OpenID Connect: the browser is sent to the issuer, and comes back with a code.

A browser is before both of them, so they lead it on: in the end to the page, which says what has gone wrong.
"""

import logging
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from services.api.collaborators import Collaborators, Here
from services.api.origin import ARRIVAL
from services.api.problems import Problem, described
from services.api.routes.sign_in import address_of, begin_session, end_session_before
from services.api.sign_in.accounts import Identity
from services.api.sign_in.attempt import Attempt, NotAccepted
from services.api.sign_in.issuer_requests import IssuerFault
from services.api.sign_in.oidc import Issuer
from services.api.sign_in.throttle import Try

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/sign-in/oidc", tags=["sign-in"])
ATTEMPT_S = 600
# In the audit log.
WAY = "OpenID Connect"


class Refusal(StrEnum):
    """What the page tells somebody who is not signed in; it knows these words."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    THROTTLED = "throttled"


@router.get("", status_code=303, response_class=RedirectResponse, responses=described(404))
def leave(request: Request, here: Here) -> RedirectResponse:
    """Send the browser to the issuer, or back to the page if the issuer does not answer."""
    issuer = _issuer(here)
    attempt = Attempt.begin()
    try:
        address = issuer.address(attempt, _back(request, here))
    except IssuerFault as fault:
        return _refused(Refusal.UNREACHABLE, fault)
    # Coming back from another site the browser does not send the cookie of a session that is to end.
    end_session_before(request, here)
    answer = RedirectResponse(address, 303)
    answer.set_cookie(
        here.site.attempt_cookie,
        attempt.token,
        max_age=ATTEMPT_S,
        path="/",
        secure=here.site.is_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/callback", status_code=303, response_class=RedirectResponse, responses=described(404))
def arrive(
    request: Request,
    here: Here,
    code: Annotated[str, Query(max_length=4096)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
) -> RedirectResponse:
    """Sign in whom the issuer has sent back, or lead back to the page; the try is over either way."""
    issuer = _issuer(here)
    attempt = Attempt(request.cookies.get(here.site.attempt_cookie, ""))
    if not attempt.has_state(state):
        # Any site can lead a browser here: that is nobody's try, and neither counts nor is noted.
        return _refused(Refusal.REFUSED)
    counted = Try.of_arrival(address_of(request, here))
    if here.throttle.wait_s(counted, here.now_s()) > 0:
        return _refused(Refusal.THROTTLED)
    try:
        if not code:
            raise NotAccepted("the browser brings no code")
        subject = issuer.subject(attempt, code, _back(request, here))
        answer = _admitted(Identity(issuer.name, subject), here)
    except IssuerFault as fault:
        here.throttle.succeeded(counted)
        answer = _refused(Refusal.UNREACHABLE, fault)
    except NotAccepted as refusal:
        here.audit.note(refusal.account, "sign-in failed", by=WAY, subject=refusal.subject)
        answer = _refused(Refusal.REFUSED, refusal)
    else:
        here.throttle.succeeded(counted)
    answer.delete_cookie(
        here.site.attempt_cookie, path="/", secure=here.site.is_secure, httponly=True, samesite="lax"
    )
    return answer


def _admitted(identity: Identity, here: Collaborators) -> RedirectResponse:
    """Begin the session of the account with this identity; raise NotAccepted if there is none."""
    account = here.accounts.with_identity(identity)
    if account is None or account.is_disabled:
        # The audit log shows the subject, by which an administrator can make an account for them.
        name = "" if account is None else account.name
        raise NotAccepted("no account that may sign in", name, identity.subject)
    here.audit.note(account.name, "sign-in", by=WAY)
    answer = RedirectResponse("/", 303)
    begin_session(account.name, answer, here)
    return answer


def _refused(refusal: Refusal, reason: Exception | None = None) -> RedirectResponse:
    if reason is not None:
        logger.warning("no sign-in by OpenID Connect", extra={"reason": str(reason)})
    return RedirectResponse(f"/#/sign-in/{refusal}", 303)


def _issuer(here: Collaborators) -> Issuer:
    if here.issuer is None:
        raise Problem(404, "Nobody signs in by OpenID Connect here.")
    return here.issuer


def _back(request: Request, here: Collaborators) -> str:
    """Return where the issuer sends the browser: this same host, which has the cookie."""
    return here.site.origin_at(request.headers["host"]) + ARRIVAL
