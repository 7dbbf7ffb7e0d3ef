"""A collection, cut into the rounds in which the shared task gives it."""

import html
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from services.erisk.protocol import Comment, Discussion, Form, Writing
from services.reddit.records import TextRecord, text_record

# A round is what each user who still has something has next.
Round = Sequence[Mapping[str, Any]]


def rounds_of(posts: Mapping[str, Sequence[TextRecord]], form: Form) -> list[Round]:
    """Return the rounds of users' posts, which come in the order of time.

    As writings, round n is each user's n-th post. As discussions, it is the n-th thread that a user took part
    in, whole, as far as these users wrote it; the user's own posts in it are those of any time.
    """
    entries = _writings(posts) if form is Form.WRITINGS else _discussions(posts)
    most = max((len(of_user) for of_user in entries.values()), default=0)
    return [
        [{**of_user[number], "number": number} for of_user in entries.values() if number < len(of_user)]
        for number in range(most)
    ]


def _writings(posts: Mapping[str, Sequence[TextRecord]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    number = 0
    for redditor, (user, of_user) in enumerate(posts.items()):
        found[user] = []
        for post in of_user:
            title, content = _as_read(post["title"], post["body"])
            writing = Writing(
                id=number,
                number=0,
                nick=user,
                redditor=redditor,
                title=title,
                content=content,
                date=_date(post["created_utc"]),
            )
            found[user].append(cast("Mapping[str, Any]", writing))
            number += 1
    return found


def _discussions(posts: Mapping[str, Sequence[TextRecord]]) -> dict[str, list[Mapping[str, Any]]]:
    threads: defaultdict[str, list[TextRecord]] = defaultdict(list)
    for post in sorted((each for of_user in posts.values() for each in of_user), key=_when):
        threads[_thread(post)].append(post)
    return {
        user: [
            _discussion(name, threads[name], user)
            for name in dict.fromkeys(_thread(post) for post in of_user)
        ]
        for user, of_user in posts.items()
    }


def _discussion(name: str, posts: Sequence[TextRecord], user: str) -> Mapping[str, Any]:
    opening = next((post for post in posts if post["kind"] == "submission"), None)
    title, body = _as_read(opening["title"], opening["body"]) if opening else ("", "")
    discussion = Discussion(
        submissionId=_bare(name),
        author=opening["author"] if opening else "",
        date=_date((opening or posts[0])["created_utc"]),
        body=body,
        title=title,
        number=0,
        targetSubject=user,
        comments=[_comment(post) for post in posts if post is not opening],
    )
    return cast("Mapping[str, Any]", discussion)


def _comment(post: TextRecord) -> Comment:
    return Comment(
        commentId=_bare(post["id"]),
        author=post["author"],
        date=_date(post["created_utc"]),
        body=_as_read("", post["body"])[1],
        parent=_bare(post["parent_id"] or post["link_id"]),
    )


def _as_read(title: str, body: str) -> tuple[str, str]:
    """Return texts that are read as they were written: escaped where they would be taken for that."""
    row = {"id": "1", "kind": "submission", "author": "a", "created_utc": 0}
    read = text_record({**row, "title": title, "selftext": body})
    if (read["title"], read["body"]) == (title, body):
        return title, body
    return html.escape(title, quote=False), html.escape(body, quote=False)


def _thread(post: TextRecord) -> str:
    return post["id"] if post["kind"] == "submission" else post["link_id"] or post["id"]


def _when(post: TextRecord) -> int:
    return post["created_utc"]


def _bare(name: str) -> str:
    return name.partition("_")[2] if name[:3] in ("t1_", "t3_") else name


def _date(at_utc: int) -> str:
    return datetime.fromtimestamp(at_utc, UTC).isoformat(timespec="milliseconds")
