"""The golden truth: one `user 0|1` per line, with a tab or spaces in between."""

from pathlib import Path

from services.depression.model.collection import CollectionError, Place, UnreadableLine
from services.reddit.files import UnreadableFile, open_lines

_PATTERN = "*golden*truth*.txt"


def read_truth(folder: Path) -> dict[str, tuple[bool, Place]]:
    """Return user → whether positive, and where it is said, from the one truth file at any depth of `folder`.

    Raises CollectionError if there is none or several, if it is empty, or a line is not as it should be.
    """
    paths = sorted(folder.rglob(_PATTERN))
    if len(paths) != 1:
        raise CollectionError(
            f"{folder}: {len(paths)} files named {_PATTERN}. Keep one, risk_golden_truth.txt"
        )
    truth: dict[str, tuple[bool, Place]] = {}
    for user, positive, place in _lines(paths[0]):
        if user in truth:
            raise UnreadableLine(*place, f"a user named before, on line {truth[user][1].line}")
        truth[user] = positive, place
    if not truth:
        raise CollectionError(f"{paths[0]}: no user. Write one `user 0|1` per line")
    return truth


def _lines(path: Path) -> list[tuple[str, bool, Place]]:
    found = []
    try:
        for line in open_lines(path):
            match line.data.decode("utf-8-sig").split():
                case [user, "0" | "1" as risk]:
                    found.append((user, risk == "1", Place(path, line.number)))
                case _:
                    raise UnreadableLine(path, line.number, "not `user 0|1`")
    except UnicodeDecodeError as error:
        raise UnreadableLine(path, line.number, "no UTF-8") from error
    except UnreadableFile as error:
        raise UnreadableLine(path, error.line, error.found) from error
    return found
