"""The client confluent-kafka, which is librdkafka."""
