"""Users: found, looked at, their posts read. Each look is in the audit log before it is answered."""

import json
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from services.api.access import Administrator, Reviewer
from services.api.answers import Course, Listed, PostAnswer, UserAnswer, UserDetail, UserWords
from services.api.collaborators import Collaborators, Here
from services.api.course import course, points_of
from services.api.first_look import NOT_YET
from services.api.paging import Part
from services.api.problems import Problem, Responses, described
from services.api.routes.parameters import NO_NUL, PostId, User
from services.api.user_words import user_words
from services.api.users import Kind, PostSort, WantedPosts
from services.reddit.records import SECONDS_BELOW

router = APIRouter(prefix="/users", tags=["users"])

ABSENT = described(404)
JSON_FILE: Responses = {
    200: {"description": "A file.", "content": {"application/json": {"schema": {"type": "object"}}}}
}


class UserQuery(Part):
    """How the names of the users begin."""

    prefix: str = Field(min_length=1, max_length=64, pattern=NO_NUL)


class PostQuery(Part):
    """Which posts of a user, and which part of them."""

    kind: Kind | None = None
    sort: PostSort = PostSort.PROBABILITY
    until_utc: int | None = Field(default=None, ge=0, lt=SECONDS_BELOW)
    from_utc: int | None = Field(default=None, ge=0, lt=SECONDS_BELOW)
    find: str = Field(default="", max_length=200, pattern=NO_NUL)

    def wanted(self) -> WantedPosts:
        """Return which posts these are; raise Problem for what does not go together."""
        in_time = (self.until_utc, self.from_utc, self.find) != (None, None, "")
        if in_time and self.sort is PostSort.PROBABILITY:
            raise Problem(
                422, "until_utc, from_utc and find go with an order of time: sort=recent or oldest."
            )
        return WantedPosts(self.kind, self.sort, self.until_utc, self.from_utc, self.find)


@router.get("")
def find(query: Annotated[UserQuery, Query()], session: Reviewer, here: Here) -> Listed[UserAnswer]:
    """List the users whose names begin so."""
    here.audit.note(session.name, "users searched")
    found = here.users.find(query.prefix, query, session.name)
    here.audit.note_shown([session.name], "user shown", [each.user for each in found.items])
    return found


@router.get("/{user}", responses=ABSENT)
def show(user: User, session: Reviewer, here: Here) -> UserDetail:
    """Show a user and the user's alert."""
    here.audit.note(session.name, "user seen", user)
    return UserDetail(
        **_found(here, user, session.name).model_dump(),
        alert=here.alerts.get(user, session.name),
        submissions=here.users.count(user, Kind.SUBMISSION),
        comments=here.users.count(user, Kind.COMMENT),
        forget=here.forgetting.get(user),
    )


@router.get("/{user}/probabilities", responses=ABSENT)
def probabilities(
    user: User,
    session: Reviewer,
    here: Here,
    points: Annotated[int, Query(ge=10, le=2000)] = 500,
) -> Course:
    """Show a user's probability over time, in so many points at most; not before a first look without it."""
    found = _found(here, user, session.name)
    if found.is_blind:
        raise Problem(403, NOT_YET)
    here.audit.note(session.name, "probabilities seen", user)
    alert = here.alerts.get(user, session.name)
    threshold = found.threshold if alert is None else alert.threshold
    trigger = None if alert is None else alert.opened_by
    return course(user, threshold, trigger, list(points_of(here.documents, user)), points)


@router.get("/{user}/words", responses=ABSENT)
def words(user: User, session: Reviewer, here: Here) -> UserWords:
    """Show the words that carry what the model makes of a user; not before a first look without it."""
    if _found(here, user, session.name).is_blind:
        raise Problem(403, NOT_YET)
    here.audit.note(session.name, "probabilities seen", user)
    return user_words(here.documents, user)


@router.get("/{user}/posts", responses=ABSENT)
def posts(
    user: User, query: Annotated[PostQuery, Query()], session: Reviewer, here: Here
) -> Listed[PostAnswer]:
    """List a user's posts: by their own probability, largest first, or by time, between times, with words."""
    wanted = query.wanted()
    here.audit.note(session.name, "posts seen", user)
    return here.users.posts(user, wanted, query, session.name)


@router.get("/{user}/posts/{post_id}", responses=ABSENT)
def post(user: User, post_id: PostId, session: Reviewer, here: Here) -> PostAnswer:
    """Show one post."""
    here.audit.note(session.name, "posts seen", user)
    found = here.users.post(user, post_id, session.name)
    if found is None:
        raise Problem(404, "This user has no such post.")
    return found


@router.get("/{user}/record", response_class=StreamingResponse, responses={**ABSENT, **JSON_FILE})
def record(user: User, session: Administrator, here: Here) -> StreamingResponse:
    """Download all that is kept of a user."""
    _found(here, user, session.name)
    here.audit.note(session.name, "record downloaded", user)
    headers = {"Content-Disposition": 'attachment; filename="record.json"'}
    return StreamingResponse(_written(here, user), headers=headers, media_type="application/json")


def _written(here: Collaborators, user: str) -> Iterator[str]:
    """Yield one JSON object: collection → its documents about the user."""
    collection, text = "", "{"
    for found, document in here.users.record(user):
        before = "," if found == collection else f'{"]," if collection else ""}\n"{found}": ['
        text += f"{before}\n{json.dumps(document, ensure_ascii=False)}"
        collection = found
        yield text
        text = ""
    yield f"{text}{']' if collection else ''}\n}}\n"


def _found(here: Collaborators, user: str, account: str) -> UserAnswer:
    found = here.users.get(user, account)
    if found is None:
        raise Problem(404, "Nothing is known of this user.")
    return found
