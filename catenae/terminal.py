"""What a terminal is shown of a text: nothing in it is obeyed, and nothing is hidden.

A value from outside may hold sequences that a terminal obeys (C0 and C1 controls), letters that turn the
direction of writing, and such as take no room. All are shown as JSON writes them, so that JSON stays what it
is. The edge puts a `Shown` in the place of both standard streams: whatever a program writes passes here.
"""

import io
import re
from typing import TextIO

# What Python calls printable, and takes no room all the same. The last two selectors choose emoji's form.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0d\U000e0100-\U000e01ef]")
_LAYOUT = re.compile(r"([\n\t])")
# Colours, and how a table or a bar is drawn again in its place: what rich writes, and no more.
_DRAWING = re.compile(r"(\x1b\[(?:[0-9;]*m|[0-9]*A|2K|\?25[hl])|\r)")


def harmless(text: str) -> str:
    """Return a text in which all that is not printable, but line ends and tabs, is as JSON has it."""
    if _is_plain(text):
        return text
    return "".join(each if each in "\n\t" else _escaped(each) for each in _LAYOUT.split(text))


def one_line(text: str) -> str:
    """Return a text as one line of printable letters, whatever is in it."""
    return _escaped(" ".join(line.strip() for line in text.splitlines()))


def drawing(stream: TextIO) -> TextIO:
    """Return the way into a standard stream for whoever draws, as rich looks for it."""
    return getattr(stream, "rich_proxied_file", stream)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _escaped(text: str) -> str:
    if _is_plain(text) or (text.isprintable() and not _UNSEEN.search(text)):
        return text
    return "".join(each if _is_seen(each) else _as_json(each) for each in text)


def _is_seen(letter: str) -> bool:
    return letter.isprintable() and not _UNSEEN.match(letter)


def _as_json(letter: str) -> str:
    """Return the escape of a letter: two of them, a pair of surrogates, beyond U+FFFF."""
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[each : each + 2].hex()}" for each in range(0, len(units), 2))


class _Text(io.TextIOBase):
    """A stream of texts before another one. It has no `buffer`, by which a library would go round it."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._stream.encoding

    @property
    def raw(self) -> io.RawIOBase | None:
        """What writes in the end."""
        return getattr(self._stream.buffer, "raw", None)

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self._stream.errors

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def flush(self) -> None:
        self._stream.flush()


class Shown(_Text):
    """A standard stream on which texts are harmless.

    rich_proxied_file  the way in for rich, which looks for an attribute of this name: colours pass there
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        super().__init__(stream)
        self.rich_proxied_file = Drawn(stream)

    def write(self, text: str) -> int:
        """Write a text, harmless."""
        self._stream.write(harmless(text))
        return len(text)


class Drawn(_Text):
    """The same stream for rich: what rich draws with passes, and nothing else that a terminal would obey."""

    def write(self, text: str) -> int:
        """Write a text of drawing sequences and harmless parts."""
        parts = _DRAWING.split(text)
        parts[::2] = map(harmless, parts[::2])
        self._stream.write("".join(parts))
        return len(text)
