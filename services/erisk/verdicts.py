"""What is known of a user after a round, on its way to where all of them are answered for at once."""

from collections.abc import Iterable, Iterator

from catenae import Message, Middle
from services.depression.values import UserProbability
from services.erisk.answers import SHEET
from services.erisk.protocol import number_of
from services.reddit.records import GROUP


class Verdicts(Middle):
    """Bring the pictures of all users of a round together. Reads `UserProbability`; writes it, of a round.

    What came by no round is dropped.
    """

    def transform(self, message: Message[UserProbability]) -> Iterator[Message]:
        number = number_of(message.headers.get(GROUP, b""))
        if number is not None:
            yield message.derive({**message.value, "round": number}, key=SHEET)

    def forget(self, request: Message) -> Iterable[Message]:  # noqa: ARG002
        # What it brings together goes by no user's key.
        return ()
