"""What a search has come to, by the documents of the topology and by a recount of its posts."""

from collections.abc import Sequence

from catenae import Document, Documents
from services.topics.tally import Facts, Tally, dimension_of, tally
from services.topics.words import counted_words


def found(documents: Documents, topic: str = "t1") -> list[Document]:
    """Return the posts of a search."""
    return list(documents.find("topic_posts", {"topic": topic}, limit=10_000).documents)


def counted(documents: Documents, topic: str = "t1") -> Tally:
    """Return the counts as the topology keeps them."""
    counts: Tally = tally(())
    for part in documents.find("topic_counts", {"topic": topic}, limit=1000).documents:
        counts[dimension_of(part["part"])].update({row[0]: row[1:] for row in part["rows"]})
    return counts


def recounted(posts: Sequence[Document]) -> Tally:
    """Return the counts of posts, counted anew."""
    return tally(
        Facts(
            each["label"],
            each["created_utc"],
            each["place"],
            each["language"],
            each["source"],
            counted_words(f"{each['title']}\n{each['body']}"),
            each["hashtags"],
        )
        for each in posts
    )
