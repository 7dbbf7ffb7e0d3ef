"""What the counts of searches have to lose of posts that were erased while nothing ran.

A document per post: what was counted of it, without a name, until the topology runs again.
"""

import hashlib
from collections.abc import Collection

from catenae import Document, Documents
from services.topics.tally import Facts
from services.topics.wanted import POSTS
from services.topics.words import counted_words

ERASED = "topic_erased"
_AT_ONCE = 500


def take_out(users: Collection[str], documents: Documents, now_ms: int) -> None:
    """Note what the posts of these users have added to counts; again, before anything runs, is fine."""
    for user in users:
        cursor = None
        while True:
            page = documents.find(POSTS, {"author": user}, limit=_AT_ONCE, cursor=cursor)
            documents.upsert(ERASED, [_erased(each, now_ms) for each in page.documents])
            cursor = page.cursor
            if cursor is None:
                break


def facts_of_post(post: Document) -> Facts:
    """Return what is counted of a post of a search, by its document."""
    return Facts(
        post["label"],
        post["created_utc"],
        post["place"],
        post["language"],
        post["source"],
        counted_words(f"{post['title']}\n{post['body']}"),
        post["hashtags"],
    )


def _erased(post: Document, now_ms: int) -> Document:
    # Tells this erasing of the post from another, and does not tell which post it was.
    once = hashlib.sha256(f"{post['id']} {now_ms}".encode()).hexdigest()[:24]
    facts = list(facts_of_post(post))
    return {"id": post["id"], "topic": post["topic"], "facts": facts, "once": once}
