"""The second factor of who is signed in: looked at, offered, and set up by a first code.

Only the command line takes it away: who has taken over a session must not.
"""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.api.access import SignedIn
from services.api.collaborators import Here
from services.api.problems import Problem, described
from services.api.routes.session import begin_anew, with_current_password
from services.api.routes.sign_in import check_code, too_many
from services.api.session_answers import NewRecoveryCodes, OfferedFactor, SecondFactorAnswer
from services.api.sign_in.throttle import Try

router = APIRouter(prefix="/session/second-factor", tags=["sign-in"])


class Proof(BaseModel):
    """That it is them: the password, and a code where there is a second factor already."""

    password: str = Field(min_length=1, max_length=1000)
    code: str = Field(default="", max_length=100)


class FirstCode(BaseModel):
    """A code of the secret that was offered."""

    code: str = Field(min_length=1, max_length=100)


@router.get("")
def show(session: SignedIn, here: Here) -> SecondFactorAnswer:
    """Say whether there is one."""
    return SecondFactorAnswer(
        is_on=session.has_second_factor, recovery_codes=here.second_factors.recovery_codes_left(session.name)
    )


@router.post("/offer", responses=described(429))
def offer(proof: Proof, session: SignedIn, here: Here) -> OfferedFactor:
    """Return a secret for a device of theirs; what there was counts until a code of the new one comes."""
    account = with_current_password(session, proof.password, "second factor set-up failed", here)
    if account.second_factor is not None:
        check_code(account, proof.code, here)
    here.audit.note(session.name, "second factor offered")
    offered = here.second_factors.offer(account.name)
    return OfferedFactor(secret=offered.secret, uri=offered.uri)


@router.put("", responses=described(429))
def confirm(first: FirstCode, session: SignedIn, response: Response, here: Here) -> NewRecoveryCodes:
    """Have the secret that was offered count from now on; every other session of the account ends."""
    counted = Try.of_codes(session.name)
    wait_s = here.throttle.wait_s(counted, here.now_s())
    if wait_s > 0:
        raise too_many(wait_s)
    account = here.accounts.get(session.name)
    codes = None if account is None else here.second_factors.confirm(account, first.code, here.now_s())
    if codes is None:
        here.audit.note(session.name, "second factor set-up failed")
        raise Problem(403, "The code is none of the secret that was offered, or was used before.")
    here.throttle.succeeded(counted)
    here.audit.note(session.name, "second factor set up")
    begin_anew(session, response, here)
    return NewRecoveryCodes(codes=list(codes))
