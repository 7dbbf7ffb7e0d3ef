"""Dead letters: messages that were set aside, looked at and put back."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from catenae import CatenaeError, ConfigError, DeadLetter, TransientError
from services.api.access import Administrator
from services.api.answers import Listed
from services.api.collaborators import Here
from services.api.encoded_path import Decoded
from services.api.operator_answers import DeadLetterAnswer, DeadLetterCount, Replayed
from services.api.problems import Problem, described

router = APIRouter(prefix="/dead-letters", tags=["operations"])

Topic = Annotated[Decoded, Path(min_length=1, max_length=200)]
ABSENT = described(404)


@router.get("")
def count(_: Administrator, here: Here) -> Listed[DeadLetterCount]:
    """Count the dead letters that wait, by topic, reason and node."""
    found = here.operations.dead_letter_counts()
    counts = [
        DeadLetterCount(topic=topic, reason=reason, node=node, letters=letters)
        for (topic, reason, node), letters in found.items()
    ]
    return Listed(items=counts, cursor=None)


@router.get("/{topic}", responses=ABSENT)
def show(
    topic: Topic,
    session: Administrator,
    here: Here,
    *,
    content: bool = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Listed[DeadLetterAnswer]:
    """Show the oldest dead letters of a topic; if asked with their content, maybe a person's words."""
    here.audit.note(session.name, "dead letters seen", topic=topic, content=content)
    try:
        letters = here.operations.dead_letters(topic, limit)
    except ConfigError as error:
        raise Problem(404, "This topic has no dead letters.") from error
    return Listed(items=[_answer(each, with_content=content) for each in letters], cursor=None)


@router.post("/{topic}/replay", responses=described(404, 409))
def replay(topic: Topic, session: Administrator, here: Here) -> Replayed:
    """Put the dead letters of a topic back, each once, for the nodes that failed."""
    here.audit.note(session.name, "dead letters replayed", topic=topic)
    try:
        return Replayed(replayed=here.operations.replay(topic))
    except ConfigError as error:
        raise Problem(404, "This topic has no dead letters.") from error
    except TransientError:
        raise
    except CatenaeError as error:
        raise Problem(409, "Another replay has taken over.") from error


def _answer(letter: DeadLetter, *, with_content: bool) -> DeadLetterAnswer:
    return DeadLetterAnswer(
        partition=letter.partition,
        offset=letter.offset,
        at_ms=letter.at_ms,
        reason=letter.reason,
        node=letter.node,
        traceback=letter.error or None if with_content else None,
        key=_text(letter.key) if with_content else None,
        value=letter.value if with_content else None,
    )


def _text(key: str | int | bytes | None) -> str | None:
    if isinstance(key, bytes):
        return key.hex()
    return None if key is None else str(key)
