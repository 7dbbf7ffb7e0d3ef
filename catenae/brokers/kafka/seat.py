"""A member's seat in its group: the member, and how to join once more."""

from catenae.brokers.kafka.client import Client, Joining, Member


class Seat:
    """Holds the member, which is another one after `take_again`."""

    def __init__(self, client: Client, joining: Joining) -> None:
        self._client = client
        self._joining = joining
        self.member: Member = client.member(joining)

    def take_again(self) -> None:
        """Join anew under the name."""
        self.member.close()
        self.member = self._client.member(self._joining)
