"""What librdkafka says of a member that its group has given up."""

from typing import Any

import pytest

from catenae.brokers.kafka.client import Membership
from catenae.errors import Fenced

pytest.importorskip("confluent_kafka")
# After it is known that confluent-kafka is there.
from catenae.brokers.kafka.confluent.errors import LastError
from catenae.brokers.kafka.confluent.member import ConfluentMember


class Consumer:
    """A consumer of confluent-kafka, as far as its membership goes."""

    member_id: str | None = "first"

    def subscribe(self, topics: list[str], **listeners: Any) -> None: ...

    def memberid(self) -> str | None:
        return self.member_id

    def consumer_group_metadata(self) -> str:
        return f"{self.member_id} of the group"


@pytest.mark.parametrize("unknown", ["", None])
def test_who_has_fallen_out_of_the_group_commits_nothing_in_its_name(unknown: str | None) -> None:
    consumer: Any = Consumer()
    membership = Membership("group", "name", ["numbers"], taken=lambda _: None, lost=lambda _: None)
    member = ConfluentMember(consumer, membership, LastError(), is_incremental=True)
    assert member.group_metadata == "first of the group"

    consumer.member_id = unknown
    with pytest.raises(Fenced, match="fallen out"):
        _ = member.group_metadata
