"""The golden truth: one `user 0|1` per line, with a tab or spaces in between."""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from services.depression.model.collection import CollectionError, LeftOut, Place, UnreadableLine
from services.reddit.files import Line, UnreadableFile, open_lines, visible_files

_PATTERN = "*golden*truth*.txt"


def read_truth(folder: Path, left_out: LeftOut) -> dict[str, tuple[bool, Place]]:
    """Return user → whether positive, and where it is said, from the one truth file at any depth of `folder`.

    A user of whom both is said is left out. Raises CollectionError if there is no such file or several, or
    nothing in it.
    """
    paths = [path for path in visible_files(folder) if fnmatch(path.name.lower(), _PATTERN)]
    if len(paths) != 1:
        raise CollectionError(
            f"{folder}: {len(paths)} files named {_PATTERN}. Keep one, risk_golden_truth.txt"
        )
    truth: dict[str, tuple[bool, Place]] = {}
    contradicted = set()
    for user, positive, place in _lines(paths[0], left_out):
        former = truth.setdefault(user, (positive, place))
        if former[1] != place:
            found = f"a user named before, on line {former[1].line}"
            left_out.wrong("user named twice in the truth", UnreadableLine(*place, found))
        if former[0] != positive:
            contradicted.add(user)
    for user in contradicted:
        del truth[user]
    if not truth:
        raise CollectionError(f"{paths[0]}: no user. Write one `user 0|1` per line")
    return truth


def _lines(path: Path, left_out: LeftOut) -> Iterator[tuple[str, bool, Place]]:
    try:
        for line in open_lines(path):
            match _words(line):
                case [user, "0" | "1" as risk]:
                    yield user, risk == "1", Place(path, line.number)
                case _:
                    found = "not `user 0|1`"
                    left_out.wrong(
                        f"line of the truth that is {found}", UnreadableLine(path, line.number, found)
                    )
    except UnreadableFile as error:
        raise UnreadableLine(path, error.line, error.found) from error


def _words(line: Line) -> list[str]:
    """Return the words of a line; none of one that is no UTF-8."""
    try:
        return line.data.decode().split()
    except UnicodeDecodeError:
        return []
