"""Searches by topic: begun, steered and shown here; carried out by the topology."""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from catenae import CatenaeError, Document, Documents, Page, TextQuery, TransientError, words_of
from services.api.answers import Listed
from services.api.paging import Part, every, page
from services.api.problems import Problem
from services.api.pseudonyms import Pseudonyms
from services.api.readable import Reader
from services.api.topic_answers import (
    NewTopic,
    SearchAnswer,
    SearchesAnswer,
    TopicAct,
    TopicCounts,
    TopicPostAnswer,
)
from services.api.topic_counts import counts_answer
from services.topics.places import gazetteer, is_within
from services.topics.tally import Facts, Label, Tally, dimension_of, tally
from services.topics.wanted import COUNTS, POSTS, PROGRESS, SOURCES, TOPICS
from services.topics.words import counted_words

MOST_TOPICS = 500
# Read of one search for one answer, and for one part of its list.
MOST_COUNTED = 20_000
MOST_READ, AT_ONCE = 4_000, 200
_FACTS = ("label", "created_utc", "place", "language", "source", "title", "body", "hashtags")


class Wish(NamedTuple):
    """Which posts of a search are wanted; None, or "" of words, is any."""

    label: Label | None = None
    place: str | None = None
    language: str | None = None
    source: str | None = None
    from_utc: int | None = None
    until_utc: int | None = None
    word: str = ""
    hashtag: str = ""

    @property
    def is_all(self) -> bool:
        """Whether every post is wanted, of whatever class."""
        return self._replace(label=None) == Wish()

    def takes(self, post: Document) -> bool:
        """Say whether a post is wanted, its class apart."""
        return (
            (
                self.place is None
                or (is_within(post["place"], [self.place]) if self.place else not post["place"])
            )
            and (self.language is None or post["language"] == self.language)
            and (self.source is None or post["source"] == self.source)
            and (self.from_utc is None or post["created_utc"] >= self.from_utc)
            and (self.until_utc is None or post["created_utc"] < self.until_utc)
            and (not self.hashtag or self.hashtag in post["hashtags"])
            and (not self.word or self.word in counted_words(f"{post['title']}\n{post['body']}"))
        )


class Topics:
    """All searches, and what they have found."""

    def __init__(
        self, documents: Documents, reader: Reader, pseudonyms: Pseudonyms, now_ms: Callable[[], int]
    ) -> None:
        self._documents = documents
        self._reader = reader
        self._pseudonyms = pseudonyms
        self._now_ms = now_ms

    def prepare(self) -> None:
        """Create what makes every list fast."""
        self._documents.ensure_index(TOPICS, ["created_ms"])
        self._documents.ensure_index(COUNTS, ["topic"])
        for fields in (
            ["topic", "probability"],
            ["topic", "label", "probability"],
            ["author", "created_utc"],
        ):
            self._documents.ensure_index(POSTS, fields)

    def all(self) -> SearchesAnswer:
        """Return all searches, the newest first."""
        found = self._documents.find(TOPICS, sort="created_ms", descending=True, limit=MOST_TOPICS).documents
        shown = [each for each in found if each.get("will") != "forget"]
        progress = self._documents.get_many(PROGRESS, [each["id"] for each in shown])
        judged = self._documents.get_many(COUNTS, [f"{each['id']} all" for each in shown])
        topics, left_out = self._reader.every(lambda each: _answer(each, progress, judged), shown)
        sources = [each["id"] for each in self._documents.find(SOURCES).documents]
        return SearchesAnswer(topics=topics, sources=sources, left_out=left_out)

    def get(self, topic: str) -> SearchAnswer | None:
        """Return a search, None for an unknown one, or one that is to be forgotten."""
        found = self._documents.get(TOPICS, topic)
        if found is None or found.get("will") == "forget":
            return None
        progress = self._documents.get_many(PROGRESS, [topic])
        judged = self._documents.get_many(COUNTS, [f"{topic} all"])
        return self._reader.one(lambda each: _answer(each, progress, judged), found)

    def begin(self, new: NewTopic, account: str) -> SearchAnswer:
        """Ask for a search; raise Problem for what can find nothing."""
        places = self._checked(new)
        asked = {
            "id": secrets.token_hex(6),
            **new.model_dump(),
            "places": places,
            "will": "run",
            "run": 1,
            "created_ms": self._now_ms(),
            "created_by": account,
        }
        self._documents.upsert(TOPICS, [asked])
        return _answer(asked, {}, {})

    def change(self, topic: str, act: TopicAct | None, *, is_watch: bool | None) -> None:
        """Ask that a search rest, go on or begin anew, or that it go on with what is new, or not."""
        found = self._documents.get(TOPICS, topic) or {}
        change: dict[str, Any] = {"id": topic}
        if act is not None:
            change["will"] = "stop" if act == "stop" else "run"
        if act == "anew":
            change["run"] = int(found.get("run", 1)) + 1
        if is_watch is not None:
            change["is_watch"] = is_watch
        self._documents.merge(TOPICS, [change], create=False)

    def forget(self, topic: str) -> None:
        """Ask that a search be gone with all that it has found."""
        self._documents.merge(TOPICS, [{"id": topic, "will": "forget"}], create=False)

    def counts(self, topic: str, wish: Wish) -> TopicCounts:
        """Return what the posts of a search come to: those counted by the topology, or those wanted, here."""
        if wish.is_all:
            return counts_answer(self._kept(topic), is_whole=True)
        read = list(self._facts(topic, wish))
        return counts_answer(tally(read[:MOST_COUNTED]), is_whole=len(read) <= MOST_COUNTED)

    def posts(self, topic: str, wish: Wish, part: Part) -> Listed[TopicPostAnswer]:
        """Return a part of the posts that are wanted, the most probable first.

        A part may hold none although there is a next one; and more than its limit: nothing is read twice.
        """
        found, cursor = list[Document](), part.cursor
        where = {"topic": topic, **({"label": wish.label} if wish.label else {})}
        for _ in range(MOST_READ // AT_ONCE):
            limit = part.limit if wish.is_all else AT_ONCE
            read = page(
                self._documents,
                POSTS,
                where,
                Part(limit=limit, cursor=cursor),
                sort="probability",
                descending=True,
            )
            found += [each for each in read.documents if wish.is_all or _is_taken(each, wish)]
            cursor = read.cursor
            if cursor is None or len(found) >= part.limit:
                break
        return self._reader.listed(self._post, Page(found, cursor))

    def _kept(self, topic: str) -> Tally:
        kept = tally(())
        for each in every(self._documents, COUNTS, {"topic": topic}):
            kept[dimension_of(each["part"])].update({row[0]: row[1:] for row in each["rows"]})
        return kept

    def _facts(self, topic: str, wish: Wish) -> Iterator[Facts]:
        """Yield what is counted of the wanted posts, one more than is counted at most."""
        left = MOST_COUNTED + 1
        for each in every(self._documents, POSTS, {"topic": topic}, sort="probability", fields=_FACTS):
            if not _is_taken(each, wish):
                continue
            yield Facts(
                each["label"],
                each["created_utc"],
                each["place"],
                each["language"],
                each["source"],
                counted_words(f"{each['title']}\n{each['body']}"),
                each["hashtags"],
            )
            left -= 1
            if not left:
                return

    def _post(self, found: Document) -> TopicPostAnswer:
        named = {
            "id": self._pseudonyms.of_post(found["post_id"]),
            "author": self._pseudonyms.of_name(found["author"]),
        }
        return TopicPostAnswer.model_validate({**found, **named})

    def _checked(self, new: NewTopic) -> list[str]:
        """Return the codes of the places that are asked for; raise Problem for what can find nothing."""
        try:
            is_empty = TextQuery(new.query).is_empty
        except TransientError:
            raise
        except CatenaeError as error:
            raise Problem(422, "The search has too many words; leave some out.") from error
        if is_empty:
            raise Problem(422, "The search has no word that a post could hold.")
        known = gazetteer()
        places = [place if known.knows(place) else known.place_of(place) for place in new.places]
        if not all(places):
            raise Problem(422, "A place is none that is known here; name a country or a larger city.")
        if new.from_utc is not None and new.until_utc is not None and new.from_utc >= new.until_utc:
            raise Problem(422, "The search ends before it begins.")
        return list(dict.fromkeys(places))


def _is_taken(post: Document, wish: Wish) -> bool:
    try:
        return wish.takes(post)
    except (KeyError, TypeError):
        # An odd one, which the list counts as left out where everything is wanted.
        return False


def _answer(
    found: Document, progress: Mapping[str, Document], judged: Mapping[str, Document]
) -> SearchAnswer:
    told: Mapping[str, Any] = progress.get(found["id"], {})
    is_current = told.get("run") == found.get("run", 1)
    counted: Sequence[Any] = judged.get(f"{found['id']} all", {}).get("rows", [])
    state = told["state"] if is_current else "waiting"
    if found.get("will") == "stop" and (state != "done" or found.get("is_watch")):
        state = "stopped"
    parts = told.get("sources", {}) if is_current else {}
    at_first = {"found": 0, "is_done": False, "problem": ""}
    return SearchAnswer.model_validate(
        {
            "languages": [],
            "places": [],
            "from_utc": None,
            "until_utc": None,
            "most": 1000,
            "is_watch": False,
            "created_ms": 0,
            "created_by": "",
            **found,
            "sources": [{**at_first, **parts.get(name, {}), "name": name} for name in found["sources"]],
            "state": state,
            "found": told.get("found", 0) if is_current else 0,
            "judged": sum(sum(row[1:]) for row in counted),
            "changed_ms": told.get("changed_ms"),
        }
    )


def word_of(text: str) -> str:
    """Return a word as it is counted; "" of none."""
    found = words_of(text)
    return "".join(found) if found else ""
