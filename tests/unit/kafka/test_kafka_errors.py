"""What may be over a moment later is waited for, whatever a client calls it."""

import pytest
from confluent_kafka import KafkaError
from kafka import errors

from catenae.brokers.kafka.confluent.errors import LastError
from catenae.brokers.kafka.confluent.errors import translated as from_confluent
from catenae.brokers.kafka.kafka_python.errors import translated as from_kafka_python
from catenae.errors import BrokerError, BrokerUnavailable

# The names that Kafka itself gives its errors, with those of both clients.
PASSING = [
    ("UNKNOWN", errors.UnknownError),
    ("BROKER_NOT_AVAILABLE", errors.BrokerNotAvailableError),
    ("NOT_CONTROLLER", errors.NotControllerError),
    ("NOT_ENOUGH_REPLICAS", errors.NotEnoughReplicasError),
    ("KAFKA_STORAGE_ERROR", errors.KafkaStorageError),
    ("CONCURRENT_TRANSACTIONS", errors.ConcurrentTransactionsError),
    ("INVALID_PRODUCER_ID_MAPPING", errors.InvalidProducerIdMappingError),
    ("OUT_OF_ORDER_SEQUENCE_NUMBER", errors.OutOfOrderSequenceNumberError),
    ("INVALID_REPLICATION_FACTOR", errors.InvalidReplicationFactorError),
    ("_UNKNOWN_BROKER", errors.UnknownBrokerIdError),
    # Each record was held to its topic's limit: one that has been lowered is asked for anew.
    ("MSG_SIZE_TOO_LARGE", errors.MessageSizeTooLargeError),
    # A clock that somebody will set.
    ("INVALID_TIMESTAMP", errors.InvalidTimestampError),
]
LASTING = [
    ("TOPIC_AUTHORIZATION_FAILED", errors.TopicAuthorizationFailedError),
    ("TOPIC_EXCEPTION", errors.InvalidTopicError),
]


@pytest.mark.parametrize(("name", "native"), PASSING)
def test_a_moment_in_the_life_of_a_cluster_is_waited_for(name: str, native: type[Exception]) -> None:
    ours = from_confluent(KafkaError(getattr(KafkaError, name)), "asking", LastError())

    assert isinstance(ours, BrokerUnavailable)
    assert isinstance(from_kafka_python(native(), "asking"), BrokerUnavailable)


@pytest.mark.parametrize(("name", "native"), LASTING)
def test_what_waiting_would_not_mend_is_an_error(name: str, native: type[Exception]) -> None:
    ours = from_confluent(KafkaError(getattr(KafkaError, name)), "asking", LastError())

    assert isinstance(ours, BrokerError)
    assert isinstance(from_kafka_python(native(), "asking"), BrokerError)
