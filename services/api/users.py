"""Users and their posts, as the topology's storers keep them."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from catenae import Between, Document, Documents, Page
from services.api.alerts import Alerts
from services.api.answers import Listed, PostAnswer, UserAnswer
from services.api.first_look import NOT_YET
from services.api.paging import Part, every, page
from services.api.post_search import search
from services.api.problems import Problem
from services.api.readable import Reader
from services.topics.wanted import POSTS as TOPIC_POSTS

USERS, POSTS, PROBABILITIES = "users", "posts", "probabilities"
# What one answer holds of what people wrote, but for a single post; and how many posts are in memory for it.
MOST_LETTERS, READ_AT_ONCE = 2**22, 50
# Beyond every character, so that what begins with a prefix lies between the prefix and this after it.
LAST_CHARACTER = "\U0010ffff"


class Kind(StrEnum):
    """What sort of post."""

    SUBMISSION = "submission"
    COMMENT = "comment"


class PostSort(StrEnum):
    """By what posts are listed: their own probability, largest first, or time, newest or oldest first."""

    PROBABILITY = "probability"
    RECENT = "recent"
    OLDEST = "oldest"


class WantedPosts(NamedTuple):
    """Which posts of a user are wanted. All but the kind goes with an order of time alone.

    until_utc, from_utc  leave out what was written later, or before
    find                 words that are in title or body
    """

    kind: Kind | None = None
    sort: PostSort = PostSort.PROBABILITY
    until_utc: int | None = None
    from_utc: int | None = None
    find: str = ""


# Of each the collection, whose field has the name of the user, and the field to sort by.
_LISTED_BY = {
    PostSort.PROBABILITY: (PROBABILITIES, "user", "post_probability"),
    PostSort.RECENT: (POSTS, "author", "created_utc"),
    PostSort.OLDEST: (POSTS, "author", "created_utc"),
}


class Users:
    """All users, each with what the model makes of what the user wrote."""

    def __init__(self, documents: Documents, reader: Reader, alerts: Alerts) -> None:
        self._documents = documents
        self._reader = reader
        self._alerts = alerts

    def prepare(self) -> None:
        """Create what makes every list fast."""
        for fields in (
            ["user", "created_utc"],
            ["user", "post_probability"],
            ["user", "kind", "post_probability"],
        ):
            self._documents.ensure_index(PROBABILITIES, fields)
        for fields in (["author", "created_utc"], ["author", "kind", "created_utc"]):
            self._documents.ensure_index(POSTS, fields)

    def find(self, prefix: str, part: Part, account: str) -> Listed[UserAnswer]:
        """Return a part of the users whose names begin so."""
        named = {"id": Between(prefix, prefix + LAST_CHARACTER)}
        found = page(self._documents, USERS, named, part)
        items, left_out = self._answers(found.documents, account)
        return Listed(items=items, cursor=found.cursor, left_out=left_out)

    def get(self, user: str, account: str) -> UserAnswer | None:
        """Return a user, None for an unknown one."""
        found = self._documents.get(USERS, user)
        answers, _ = self._answers([] if found is None else [found], account)
        return answers[0] if answers else None

    def count(self, user: str, kind: Kind) -> int:
        """Return how many posts of a kind the user has written."""
        return self._documents.count(POSTS, {"author": user, "kind": kind.value})

    def posts(self, user: str, wanted: WantedPosts, part: Part, account: str) -> Listed[PostAnswer]:
        """Return a part of a user's posts; by probability only those that have been scored.

        Raise Problem where the order told a score that is kept from the account.
        """
        if wanted.sort is PostSort.PROBABILITY and self._alerts.is_kept(user, account):
            raise Problem(403, NOT_YET)
        collection, owner, field = _LISTED_BY[wanted.sort]
        descending = wanted.sort is not PostSort.OLDEST
        where: dict[str, Any] = {owner: user, **({} if wanted.kind is None else {"kind": wanted.kind.value})}
        if wanted.until_utc is not None or wanted.from_utc is not None:
            until = None if wanted.until_utc is None else wanted.until_utc + 1
            where["created_utc"] = Between(wanted.from_utc, until)
        if wanted.find:
            found = search(self._documents, collection, where, part, wanted.find, descending=descending)
            answers, left_out = self._post_answers(user, [each["id"] for each in found.documents], account)
            return Listed(items=answers, cursor=found.cursor, left_out=left_out)

        def ids(limit: int) -> Page:
            # Ids alone: text and score of each are read together below.
            wanted_part = Part(limit=limit, cursor=part.cursor)
            return page(
                self._documents,
                collection,
                where,
                wanted_part,
                sort=field,
                descending=descending,
                fields=["id"],
            )

        found = ids(part.limit)
        answers, left_out, number = self._posts_that_fit(
            user, [each["id"] for each in found.documents], account
        )
        cursor = found.cursor if number == len(found.documents) else ids(number).cursor
        return Listed(items=answers, cursor=cursor, left_out=left_out)

    def post(self, user: str, post_id: str, account: str) -> PostAnswer | None:
        """Return one post of a user, None if the user has no such post."""
        answers, _ = self._post_answers(user, [post_id], account)
        return answers[0] if answers else None

    def record(self, user: str) -> Iterator[tuple[str, Document]]:
        """Yield all that is kept of a user: the collection and the document."""
        for collection, field, sort in (
            (USERS, "id", "id"),
            ("alerts", "id", "id"),
            ("reviews", "user", "number"),
            (POSTS, "author", "created_utc"),
            (PROBABILITIES, "user", "created_utc"),
            (TOPIC_POSTS, "author", "created_utc"),
        ):
            for document in every(self._documents, collection, {field: user}, sort=sort):
                yield collection, document

    def _answers(self, found: Sequence[Document], account: str) -> tuple[list[UserAnswer], int]:
        """Return the users, and how many cannot be shown."""
        names = [each["id"] for each in found]
        labels, kept = self._alerts.labels(names), self._alerts.kept(names, account)

        def user_answer(each: Document) -> UserAnswer:
            if each["probability"] is None:
                raise ValueError("a user without a score")
            user, is_blind = each["id"], each["id"] in kept
            derived = {"has_alert": user in labels, "label": labels.get(user), "is_blind": is_blind}
            answer = UserAnswer.model_validate({**each, **derived})
            return answer.model_copy(update={"probability": None}) if is_blind else answer

        return self._reader.every(user_answer, found)

    def _posts_that_fit(
        self, user: str, ids: Sequence[str], account: str
    ) -> tuple[list[PostAnswer], int, int]:
        """Return the first of these posts that one answer may hold, those left out, and how many both are."""
        answers, left_out, room = list[PostAnswer](), 0, MOST_LETTERS
        for start in range(0, len(ids), READ_AT_ONCE):
            read, odd = self._post_answers(user, ids[start : start + READ_AT_ONCE], account)
            for each in read:
                room -= len(each.title) + len(each.body)
                if room < 0 and (answers or each is not read[0]):
                    end = ids.index(each.id)
                    read, odd = self._post_answers(user, ids[start:end], account)
                    return [*answers, *read], left_out + odd, end
            answers += read
            left_out += odd
        return answers, left_out, len(ids)

    def _post_answers(self, user: str, ids: Sequence[str], account: str) -> tuple[list[PostAnswer], int]:
        """Return the posts of these ids that are this user's, in this order, and how many cannot be shown."""
        texts = self._documents.get_many(POSTS, ids)
        scores = self._documents.get_many(PROBABILITIES, ids)
        is_blind = self._alerts.is_kept(user, account)
        alert = self._alerts.get(user, account)
        trigger = alert.opened_by if alert is not None else None

        def post_answer(found: Document) -> PostAnswer:
            post_id = found["id"]
            text, score = texts.get(post_id, {}), scores.get(post_id, {})
            shown = {field: score[field] for field in ("user", "kind", "created_utc") if field in score}
            return _post_answer(post_id, text, shown if is_blind else score, is_trigger=post_id == trigger)

        owned = [
            {"id": post_id}
            for post_id in ids
            if user in (texts.get(post_id, {}).get("author"), scores.get(post_id, {}).get("user"))
        ]
        return self._reader.every(post_answer, owned)


def _post_answer(
    post_id: str, text: Mapping[str, Any], score: Mapping[str, Any], *, is_trigger: bool
) -> PostAnswer:
    unscored: dict[str, Any] = {
        "post_probability": None,
        "user_probability": None,
        "words": [],
        "model": None,
    }
    unstored = {"kind": "", "subreddit": "", "title": "", "body": "", "permalink": "", "created_utc": 0}
    both = {**unstored, **unscored, **score, **text}
    return PostAnswer.model_validate({**both, "id": post_id, "is_trigger": is_trigger})
