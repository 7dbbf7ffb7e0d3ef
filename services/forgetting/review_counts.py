"""What stays of the reviews of somebody who is forgotten: who found what, of nobody's case."""

from collections import Counter

from catenae import Document, Documents
from services.api.review_record import COLLECTION, COUNTS, Record, standing

AT_ONCE = 1000


def keep_counts(documents: Documents, user: str) -> None:
    """Erase the reviews of a user; of them verdicts are kept under a number that was drawn, to be counted.

    Without the texts, the times and the name. What was broken off is gone on with: it is counted once.
    """
    found: list[Document] = []
    cursor = None
    while True:
        page = documents.find(COLLECTION, {"user": user}, sort="number", limit=AT_ONCE, cursor=cursor)
        found += page.documents
        cursor = page.cursor
        if cursor is None:
            break
    if not found:
        return
    now = standing(Record.of(each) for each in found)
    kept = {
        "id": found[0]["case"],
        # Pairs: the name of an account is no name of a field.
        "opinions": [[account, each.verdict] for account, each in now.opinions.items()],
        "settled": None if now.settled is None else now.settled.verdict,
        "first_looks": dict(now.first_looks),
        "deeds": Counter(each["deed"] for each in found),
    }
    documents.insert(COUNTS, kept)
    # The first one, which knows the number, is the last to go.
    documents.delete(COLLECTION, [each["id"] for each in reversed(found)])
