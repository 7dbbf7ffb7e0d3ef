"""Public Weibo collections as a stream: user by user, each one's posts by time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catenae import ConfigError, Message, Source
from services.reddit.files import UnreadableFile
from services.reddit.records import OddRow
from services.weibo.posts import nickname, record, tweets
from services.weibo.users import ENDING, UserRows, collection_files


class WeiboReader(Source):
    """Read a file of users, or a folder of them. Writes text records, keyed by author.

    path  JSON, plain or compressed, a list of users or one per line, in UTF-8 with or without a mark

    What is odd never stops it: a user or tweet of which no text record can be made is rejected with the
    reason and becomes a dead letter. The position is the file, the number of the user and that of the tweet;
    to go on there, the file is read again up to it. Raises `ConfigError` for a file that is absent, damaged
    or no JSON, after the users before that.
    """

    def __init__(self, path: Path) -> None:
        root, files = (path.parent, [path]) if path.is_file() else (path, collection_files(path))
        if not files:
            found = f"option 'path' of WeiboReader is {str(path)!r}, where there is no {ENDING} file"
            raise ConfigError(f"{found}. Name a file of users, or a folder that holds some")
        # In the order of their names, as those of the positions.
        self._files = dict(sorted((each.relative_to(root).as_posix(), each) for each in files))
        self._rows: UserRows | None = None
        self._bytes_before = 0

    def progress(self) -> float | None:
        total = sum(file.stat().st_size for file in self._files.values())
        read = self._bytes_before + (self._rows.read_bytes if self._rows else 0)
        return read / total if total else None

    def generate(self, position: Any) -> Iterator[Message | None]:
        reached = tuple(position or ("", 0, 0))
        self._bytes_before = 0
        try:
            for name, file in self._files.items():
                if name >= reached[0]:
                    self._rows = UserRows(file)
                    for number, row in enumerate(self._rows, start=1):
                        yield None
                        for message in _messages(row.value, name, number):
                            if tuple(message.position) > reached:
                                yield message
                self._rows = None
                self._bytes_before += file.stat().st_size
        except UnreadableFile as error:
            raise ConfigError(str(error)) from error


def _messages(row: Any, file: str, number: int) -> Iterator[Message]:
    """Yield a message for each of a user's tweets, or one that says why there are none."""
    try:
        author, written = nickname(row), tweets(row)
    except OddRow as odd:
        yield Message(row, position=[file, number, 1], rejected=odd.reason)
        return
    for count, tweet in enumerate(written, start=1):
        place = [file, number, count]
        try:
            yield Message(record(author, tweet), author, position=place)
        except OddRow as odd:
            yield Message(tweet, position=place, rejected=odd.reason)
