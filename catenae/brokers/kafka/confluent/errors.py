"""From librdkafka's errors to ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaError, KafkaException

from catenae.brokers.kafka.client import Replaced, clock_is_wrong, lowered_limit
from catenae.errors import BrokerError, BrokerUnavailable, CatenaeError, Fenced

_REPLACED = {
    KafkaError._FENCED,
    KafkaError._FATAL,
    KafkaError.PRODUCER_FENCED,
    KafkaError.INVALID_PRODUCER_EPOCH,
    KafkaError.FENCED_INSTANCE_ID,
}
_LOST = {
    KafkaError.ILLEGAL_GENERATION,
    KafkaError.UNKNOWN_MEMBER_ID,
    KafkaError.REBALANCE_IN_PROGRESS,
    KafkaError._ASSIGNMENT_LOST,
}
_AWAY = {
    KafkaError._TRANSPORT,
    KafkaError._TIMED_OUT,
    KafkaError._TIMED_OUT_QUEUE,
    KafkaError._MSG_TIMED_OUT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._RESOLVE,
    KafkaError._WAIT_COORD,
    KafkaError._RETRY,
    KafkaError._PURGE_QUEUE,
    KafkaError._PURGE_INFLIGHT,
    KafkaError.REQUEST_TIMED_OUT,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.NOT_COORDINATOR,
    KafkaError.UNSTABLE_OFFSET_COMMIT,
    # Partitions that are being created, or that change their leader.
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError._NOENT,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError._UNKNOWN_BROKER,
    KafkaError.BROKER_NOT_AVAILABLE,
    KafkaError.REPLICA_NOT_AVAILABLE,
    KafkaError.PREFERRED_LEADER_NOT_AVAILABLE,
    KafkaError.ELIGIBLE_LEADERS_NOT_AVAILABLE,
    KafkaError.LISTENER_NOT_FOUND,
    KafkaError.OFFSET_NOT_AVAILABLE,
    KafkaError.REASSIGNMENT_IN_PROGRESS,
    KafkaError.NOT_CONTROLLER,
    KafkaError.STALE_CTRL_EPOCH,
    KafkaError.STALE_BROKER_EPOCH,
    # A broker in trouble, or that has too much to do.
    KafkaError.UNKNOWN,
    KafkaError.NETWORK_EXCEPTION,
    KafkaError.KAFKA_STORAGE_ERROR,
    KafkaError.THROTTLING_QUOTA_EXCEEDED,
    # As many brokers as a topic's replicas are not there yet, or no longer.
    KafkaError.INVALID_REPLICATION_FACTOR,
    KafkaError.NOT_ENOUGH_REPLICAS,
    KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    # A transaction that cannot go on, because its coordinator has moved or has forgotten its producer: a new
    # producer of the same id can.
    KafkaError.CONCURRENT_TRANSACTIONS,
    KafkaError.TRANSACTION_COORDINATOR_FENCED,
    KafkaError.TRANSACTION_ABORTABLE,
    KafkaError.INVALID_TXN_STATE,
    KafkaError.INVALID_PRODUCER_ID_MAPPING,
    KafkaError.UNKNOWN_PRODUCER_ID,
    KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER,
}
_TOO_LARGE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE}
# What a client says of itself while it cannot get in, and which waiting would not mend.
_SHUT_OUT = {KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError._SSL}


class LastError:
    """What a client last said in passing: an answer that never comes says nothing of why."""

    def __init__(self) -> None:
        self._error: KafkaError | None = None

    def note(self, error: KafkaError) -> None:
        """Take note; librdkafka calls this."""
        is_worth_more = self._error is not None and (
            error.code() == KafkaError._ALL_BROKERS_DOWN or self._error.code() in _SHUT_OUT
        )
        if not is_worth_more or error.code() in _SHUT_OUT:
            self._error = error

    def unanswered(self, doing: str, error: KafkaError) -> CatenaeError:
        """Return the error for a call that was not answered."""
        said = self._error or error
        if said.code() in _SHUT_OUT:
            return BrokerError(
                f"Kafka refuses the connection while {doing}: {said.str()}. "
                f"Check security.protocol and the ssl.… and sasl.… properties"
            )
        return BrokerUnavailable(f"Kafka does not answer while {doing}: {said.str()}")


@contextmanager
def ours(doing: str, last_error: LastError) -> Iterator[None]:
    """Raise our error for librdkafka's; `doing` ends the phrase "Kafka failed while …"."""
    try:
        yield
    except KafkaException as error:
        raise translated(error.args[0], doing, last_error) from error


def translated(error: KafkaError, doing: str, last_error: LastError) -> CatenaeError:
    """Return our error for librdkafka's."""
    code = error.code()
    if code in _REPLACED:
        return Replaced(f"a newer instance has this one's name, seen while {doing}: {error.str()}")
    if code in _LOST:
        return Fenced(f"the member has lost its partitions, seen while {doing}: {error.str()}")
    if code in _TOO_LARGE:
        return lowered_limit(doing)
    if code == KafkaError.INVALID_TIMESTAMP:
        return clock_is_wrong(doing)
    if code in _AWAY or error.retriable():
        return last_error.unanswered(doing, error)
    return BrokerError(f"Kafka failed while {doing}: {error.str()} ({error.name()})")
