"""Several words looked for in bytes at once, in the time that one takes."""

import re
from collections import defaultdict
from collections.abc import Iterator, Set

_PART = re.compile(rb"[\w-]+")


def pattern_of(words: Set[str]) -> bytes:
    """Return a regular expression of any of the words, none as a part of a longer one."""
    either = b"|".join(re.escape(each.encode()) for each in sorted(words))
    return rb"(?<![\w-])(?:" + either + rb")(?![\w-])"


class Words:
    """Finds any of these words, none as a part of a longer one."""

    def __init__(self, words: Set[str]) -> None:
        # By the letters that each begins with: these are looked up, however many words there are.
        self._by_start: defaultdict[bytes, list[bytes]] = defaultdict(list)
        others = set()
        for word in words:
            start = _PART.match(word.encode())
            if start is None:
                others.add(word)
            else:
                self._by_start[start[0]].append(word.encode())
        self._others = re.compile(pattern_of(others)) if others else None
        self.longest_bytes = max((len(each.encode()) for each in words), default=0)

    def are_in(self, text: bytes) -> bool:
        """Say whether one of them is there."""
        return any(True for _ in self.places(text))

    def places(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Yield where each of them begins and ends."""
        for part in _PART.finditer(text):
            start = part.start()
            for word in self._by_start.get(part[0], ()):
                end = start + len(word)
                if text.startswith(word, start) and not _PART.match(text, end):
                    yield start, end
        if self._others is not None:
            yield from (found.span() for found in self._others.finditer(text))
