"""Steering: a node that stands still because an administrator wants it to, and goes on."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from catenae import Answers, ConfigError
from services.api.access import Administrator
from services.api.collaborators import Collaborators, Here
from services.api.encoded_path import Decoded
from services.api.operator_answers import AskedAnswer, InstanceAnswer
from services.api.problems import Problem, described

router = APIRouter(prefix="/topology/nodes/{node}", tags=["operations"])

NodeName = Annotated[Decoded, Path(min_length=1, max_length=200)]
Reason = Annotated[str, Field(min_length=1, max_length=200)]
DAY_S = 86_400
ABSENT = described(404)


class Pausing(BaseModel):
    """For how long, and why."""

    for_s: Annotated[int, Field(ge=1, le=DAY_S)]
    reason: Reason


class Resuming(BaseModel):
    """Why."""

    reason: Reason


@router.post("/pause", responses=ABSENT)
def pause(node: NodeName, wish: Pausing, session: Administrator, here: Here) -> AskedAnswer:
    """Have a node stand still after the batch in hand: it loses nothing, and its messages wait."""
    here.audit.note(session.name, "node paused", node=node, for_s=wish.for_s, reason=wish.reason)
    return _asked(node, here, lambda: here.operations.pause(node, wish.for_s))


@router.post("/resume", responses=ABSENT)
def resume(node: NodeName, wish: Resuming, session: Administrator, here: Here) -> AskedAnswer:
    """Have a node go on."""
    here.audit.note(session.name, "node resumed", node=node, reason=wish.reason)
    return _asked(node, here, lambda: here.operations.resume(node))


def _asked(node: str, here: Collaborators, ask: Callable[[], Answers]) -> AskedAnswer:
    """Ask, and say what was answered: nothing where no instance of the node runs."""
    if all(each.name != node for each in here.operations.topology.nodes):
        raise Problem(404, "There is no such node.")
    try:
        answers = ask()
    except ConfigError:
        return AskedAnswer(is_done=False, instances=[])
    given = [
        InstanceAnswer(instance=each.instance, is_done=each.is_done, effect=each.effect)
        for each in answers.given
    ]
    silent = [InstanceAnswer(instance=each, is_done=False, effect=None) for each in answers.silent]
    return AskedAnswer(is_done=answers.is_done, instances=[*given, *silent])
