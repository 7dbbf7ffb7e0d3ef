"""What Kafka keeps of a position: an offset, and a text in which we keep the rest.

The text is `generation:size:note:topic`, the numbers in hexadecimal, and may end with a NUL: see `END`. Where
the group was further once, and that was told, `:furthest` follows.
Kafka counts at most 4,096 characters, and C clients cut at NUL, so every 12 bits of the note are one
character from U+0100 on. The topic is its id, by which one that was deleted and made again is told; earlier
releases wrote none.
"""

from typing import NamedTuple

from catenae.broker import Position

# librdkafka ends every text it commits with a NUL, and reads on to the next one when it is asked for it:
# without, it would run past the end of what another client has committed.
END = "\0"
_FIRST = 0x100


class Stored(NamedTuple):
    """An offset and the text beside it, as a client carries them."""

    offset: int
    text: str = ""

    @classmethod
    def of(cls, position: Position, generation: int) -> "Stored":
        """Return what is kept of a position that a member of this generation commits."""
        size = len(position.note)
        return cls(position.offset, f"{generation:x}:{size:x}:{_packed(position.note)}")

    def of_topic(self, topic_id: str, furthest: int = 0) -> "Stored":
        """Return the same, of a position of ours, with the id of its topic and how far the group was."""
        generation, size, packed, *_ = self.text.removesuffix(END).split(":")
        further = f":{furthest:x}" if furthest > self.offset else ""
        return self._replace(text=f"{generation}:{size}:{packed}:{topic_id}{further}")

    @property
    def generation(self) -> int:
        """The generation of the member that committed it; 0 for one that was not ours."""
        return self._parts()[0]

    @property
    def position(self) -> Position:
        """The position; of one that was not ours the offset alone."""
        return Position(self.offset, self._parts()[1])

    @property
    def topic_id(self) -> str:
        """The id of the topic it is of; "" where that is not known."""
        return self._parts()[2]

    @property
    def furthest(self) -> int:
        """The offset up to which the group is known to have been, if its broker has taken that back."""
        return max(self.offset, self._parts()[3])

    def _parts(self) -> tuple[int, bytes, str, int]:
        try:
            generation, size, packed, *more = self.text.removesuffix(END).split(":")
            topic_id, furthest = (*more, *("", "0")[len(more) :])
            return int(generation, 16), _unpacked(packed)[: int(size, 16)], topic_id, int(furthest, 16)
        except ValueError:
            return 0, b"", "", 0


def _packed(data: bytes) -> str:
    padded = data + bytes(-len(data) % 3)
    threes = (int.from_bytes(padded[at : at + 3]) for at in range(0, len(padded), 3))
    return "".join(chr(_FIRST + (three >> 12)) + chr(_FIRST + (three & 0xFFF)) for three in threes)


def _unpacked(text: str) -> bytes:
    numbers = [ord(each) - _FIRST for each in text]
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    try:
        return b"".join((high << 12 | low).to_bytes(3) for high, low in pairs)
    except OverflowError as error:
        raise ValueError("a text of others") from error
