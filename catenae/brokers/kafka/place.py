"""A member's place in its group: the member, and how to join once more."""

from catenae.brokers.kafka.client import Client, Member, Membership


class Place:
    """Holds the member, which is another one after `take_again`."""

    def __init__(self, client: Client, membership: Membership) -> None:
        self._client = client
        self._membership = membership
        self.member: Member = client.member(membership)

    def take_again(self) -> None:
        """Join anew under the name."""
        self.member.close()
        self.member = self._client.member(self._membership)
