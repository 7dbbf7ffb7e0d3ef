"""From kafka-python's errors to ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from kafka import errors

from catenae.brokers.kafka.client import Replaced, clock_is_wrong, lowered_limit
from catenae.errors import BrokerError, BrokerUnavailable, CatenaeError, ConfigError, Fenced

_REPLACED = (errors.FencedInstanceIdError, errors.ProducerFencedError, errors.InvalidProducerEpochError)
_LOST = (
    errors.IllegalGenerationError,
    errors.UnknownMemberIdError,
    errors.RebalanceInProgressError,
    errors.CommitFailedError,
)
# Not worth trying again to kafka-python, and over a moment later all the same.
_AWAY = (
    errors.RetriableError,
    # A partition without a leader, or whose leader is not known yet.
    errors.UnknownBrokerIdError,
    errors.BrokerNotAvailableError,
    errors.BrokerIdNotRegisteredError,
    errors.StaleBrokerEpochError,
    errors.StaleControllerEpochError,
    errors.UnknownControllerIdError,
    errors.NewLeaderElectedError,
    errors.ReassignmentInProgressError,
    # A connection that ended in the middle of an answer.
    errors.KafkaProtocolError,
    errors.UnknownError,
    # A transaction that cannot go on, because its coordinator has moved or has forgotten its producer: a new
    # producer of the same id can.
    errors.TransactionCoordinatorFencedError,
    errors.TransactionAbortableError,
    errors.TransactionAbortedError,
    errors.InvalidTxnStateError,
    errors.InvalidProducerIdMappingError,
    errors.UnknownProducerIdError,
    errors.OutOfOrderSequenceNumberError,
    # As many brokers as a topic's replicas are not there yet, or no longer.
    errors.InvalidReplicationFactorError,
)


@contextmanager
def ours(doing: str) -> Iterator[None]:
    """Raise our error for kafka-python's; `doing` ends the phrase "Kafka failed while …"."""
    try:
        yield
    except errors.KafkaError as error:
        raise translated(error, doing) from error


def translated(error: Exception, doing: str) -> CatenaeError:  # noqa: PLR0911  one for each kind of error
    """Return our error for kafka-python's."""
    cause = _cause(error)
    said = f"{type(cause).__name__} {cause}".strip()
    if isinstance(cause, _REPLACED):
        return Replaced(f"a newer instance has this one's name, seen while {doing}: {said}")
    if isinstance(cause, _LOST):
        return Fenced(f"the member has lost its partitions, seen while {doing}: {said}")
    if isinstance(cause, errors.KafkaConfigurationError):
        return ConfigError(f"the Kafka client kafka-python refuses a property: {said}")
    if isinstance(cause, errors.SaslAuthenticationFailedError | errors.AuthorizationError):
        return BrokerError(
            f"Kafka refuses access while {doing}: {type(cause).__name__}. "
            f"Check security.protocol and the ssl.… and sasl.… properties"
        )
    if isinstance(cause, errors.MessageSizeTooLargeError | errors.RecordListTooLargeError):
        return lowered_limit(doing)
    if isinstance(cause, errors.InvalidTimestampError):
        return clock_is_wrong(doing)
    if isinstance(cause, _AWAY) or type(cause) is errors.KafkaError:
        return BrokerUnavailable(f"Kafka does not answer while {doing}: {said}")
    return BrokerError(f"Kafka failed while {doing}: {said}")


def _cause(error: Exception) -> Exception:
    """Return the error that a producer in its error state keeps wrapped up in another one."""
    inner = next((each for each in error.args if isinstance(each, errors.KafkaError)), error)
    return cast("Exception", inner)
