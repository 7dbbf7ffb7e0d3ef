"""Members that a group counts and that are no more, made to leave it.

Kafka gives a member up once its session has ended. But a broker that was killed, and is back before its
controller has noticed, may take over its groups twice, and of the second time lose the clocks of their
members: these count for as long as it runs, and the group waits for them whenever it shares out anew. (It
was seen with 4.3.1, where the end of the first loading is taken for that of the second.)

librdkafka has no call that removes a member. But whoever joins under a member's name has its place, and can
leave.
"""

import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from catenae.brokers.kafka.client import REQUEST_TIMEOUT_S, Client, Joining, Member
from catenae.errors import Fenced
from catenae.message import TopicPartition

LOOK_S = 0.2


def evict(client: Client, group: str, names: Sequence[str], topic: str) -> None:
    """Have members leave a group; one that is alive is fenced.

    topic  any that exists; nothing is read of it
    """
    stand_ins = [client.member(Joining(group, name, [topic], _pass, _pass)) for name in names]
    # A group whose members change waits for all of them: they join at once, and leave once each has.
    with ThreadPoolExecutor(max(1, len(stand_ins))) as pool:
        list(pool.map(_join, stand_ins))
        list(pool.map(_leave, stand_ins))


def _join(member: Member) -> None:
    until_s = time.monotonic() + REQUEST_TIMEOUT_S
    while not _has_joined(member) and time.monotonic() < until_s:
        member.fetch(1, LOOK_S)


def _leave(member: Member) -> None:
    member.close()


def _has_joined(member: Member) -> bool:
    try:
        return member.group_metadata is not None
    except Fenced:
        return False


def _pass(partitions: Collection[TopicPartition]) -> None:
    """Own nothing, so that nothing is to be done when partitions change hands."""
