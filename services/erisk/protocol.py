"""What goes to and fro in the early-risk shared task, and how it is read as rows of texts.

    GET  …/getwritings/TOKEN      the next writing of each user who has one, as a list of `Writing`
    GET  …/getdiscussions/TOKEN   in its place since 2025: the next thread of each user, as `Discussion`
    POST …/submit/TOKEN/RUN       a list of `Answer`, one for each user of the first round

The same round is given until every run has answered it; after the last one the list is empty. Source:
https://erisk.irlab.org/server.html, and eRisk25Servert2Details.html beside it.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, TypedDict

# What texts of one round have in common: their header `GROUP` is this, and the number of the round.
_ROUND = "round "


class Form(StrEnum):
    """In which form the server gives a round."""

    WRITINGS = "getwritings"
    DISCUSSIONS = "getdiscussions"


class Writing(TypedDict):
    """One writing of one user; `number` counts rounds from 0."""

    id: int
    number: int
    nick: str
    redditor: int
    title: str
    content: str
    date: str


class Comment(TypedDict):
    """One comment of a discussion, by whomever."""

    commentId: str
    author: str
    date: str
    body: str
    parent: str


class Discussion(TypedDict):
    """A whole thread in which a user took part; `number` counts rounds from 0."""

    submissionId: str
    author: str
    date: str
    body: str
    title: str
    number: int
    targetSubject: str
    comments: list[Comment]


class Answer(TypedDict):
    """What a run says of a user: whether to alert (1, which is final, or 0), and how much it thinks so."""

    nick: str
    decision: int
    score: float


def user_of(entry: Mapping[str, Any], form: Form) -> str:
    """Return of whom an entry of a round is. Raises KeyError where it does not say."""
    return str(entry["nick" if form is Form.WRITINGS else "targetSubject"])


def rows_of(entry: Mapping[str, Any], form: Form) -> Iterator[dict[str, Any]]:
    """Yield what the user of an entry wrote in it, as rows that `text_record` reads.

    Of a discussion that is what the user wrote alone: what others say is nobody's sign but theirs.
    """
    if form is Form.WRITINGS:
        yield _row(entry, entry.get("id"), entry.get("nick"), entry.get("content"))
        return
    user = entry["targetSubject"]
    if entry.get("author") == user:
        yield _row(entry, entry.get("submissionId"), user, entry.get("body"))
    for comment in entry.get("comments", ()):
        if comment.get("author") == user:
            yield {
                "id": comment.get("commentId"),
                "kind": "comment",
                "author": user,
                "created_utc": comment.get("date"),
                "body": comment.get("body"),
                "link_id": str(entry.get("submissionId", "")),
                "parent_id": comment.get("parent"),
            }


def group_of(number: int) -> bytes:
    """Return what the texts of a round carry as their group."""
    return f"{_ROUND}{number}".encode()


def number_of(group: bytes) -> int | None:
    """Return the round that a group is; None of any other group."""
    number = group.decode("latin-1").removeprefix(_ROUND)
    return int(number) if group.startswith(_ROUND.encode()) and number.isdecimal() else None


def _row(entry: Mapping[str, Any], name: object, user: object, text: object) -> dict[str, Any]:
    return {
        "id": None if name is None else str(name),
        "kind": "submission",
        "author": user,
        "created_utc": entry.get("date"),
        "title": entry.get("title"),
        "selftext": text,
    }
