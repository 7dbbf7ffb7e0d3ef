"""Public Weibo collections: users with a label each, and what they wrote; see `services.weibo`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from services.depression.model.collection import CollectionError, LeftOut, Place, UnreadableLine, Written
from services.reddit.files import UnreadableFile
from services.reddit.records import OddRow
from services.weibo.posts import label, nickname, record, tweets
from services.weibo.users import UserRow, UserRows


def truth(paths: Sequence[Path], left_out: LeftOut) -> dict[str, tuple[bool, Place]]:
    """Return user → whether positive, and where that is said; a user of whom both is said is left out.

    Raises CollectionError if nobody is labelled.
    """
    found: dict[str, tuple[bool, Place]] = {}
    contradicted = set()
    for path, row in _rows(paths):
        place = Place(path, row.line)
        try:
            user = nickname(row.value)
        except OddRow:
            # Counted when its texts are read.
            continue
        positive = label(row.value)
        if positive is None:
            reason = "user without a label 0 or 1"
            left_out.wrong(reason, UnreadableLine(path, row.line, reason))
            continue
        if found.setdefault(user, (positive, place))[0] != positive:
            contradicted.add(user)
    for user in contradicted:
        del found[user]
        reason = "user with both labels"
        left_out.wrong(reason, UnreadableLine(paths[0], 1, reason))
    if not found:
        raise CollectionError(f"{paths[0].parent}: no user with a nickname and a label 0 or 1")
    return found


def read(paths: Sequence[Path], left_out: LeftOut) -> Iterator[Written]:
    """Yield what the users wrote, file after file; what is odd is left out.

    Raises UnreadableLine for a file that is damaged or cut short.
    """
    for path, row in _rows(paths):
        try:
            author, written = nickname(row.value), tweets(row.value)
        except OddRow as odd:
            left_out.odd(odd.reason)
            continue
        for tweet in written:
            try:
                yield Written(record(author, tweet), Place(path, row.line))
            except OddRow as odd:
                left_out.odd(odd.reason)


def _rows(paths: Sequence[Path]) -> Iterator[tuple[Path, UserRow]]:
    for path in paths:
        try:
            for row in UserRows(path):
                yield path, row
        except UnreadableFile as error:
            raise UnreadableLine(path, error.line, error.found) from error
