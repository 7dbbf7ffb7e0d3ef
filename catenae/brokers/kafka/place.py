"""A member's place in its group, under a name that a newer instance may take over."""

from collections.abc import Callable, Mapping

from catenae.brokers.kafka.client import Client, Member, Membership, Replaced


class Place:
    """Holds the member; makes a new one where Kafka has taken it for replaced and it was not.

    members  asks Kafka for the client ids of the group's members by name
    """

    def __init__(
        self, client: Client, membership: Membership, members: Callable[[], Mapping[str, str]]
    ) -> None:
        self._client = client
        self._membership = membership
        self._members = members
        self.member: Member = client.member(membership)

    def take_again(self) -> None:
        """Join anew under the name. Raises `Replaced` if another instance has it now."""
        name, group = self._membership.name, self._membership.group
        holder = self._members().get(name)
        if holder not in (None, self._membership.client_id):
            raise Replaced(f"member {name!r} of group {group!r} was replaced by a newer instance")
        self.member.close()
        self.member = self._client.member(self._membership)
