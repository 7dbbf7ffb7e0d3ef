"""Kafka, Aerospike and MongoDB, one instance each, as Compose services: what every topology's nodes reach."""

NAMES = ("kafka", "aerospike", "mongodb")

BROKER = "kafka://kafka:9092"
STORE = "aerospike://aerospike:3000/catenae"

# What the operator has to give; without it nothing starts.
_GIVEN = "${MONGODB_PASSWORD:?set it in .env, to letters and digits}"


def documents(topology: str) -> str:
    """Return the URL of a topology's documents: a database of its name."""
    return f"mongodb://catenae:{_GIVEN}@mongodb:27017/{topology}?authSource=admin"


# Healthy is who takes connections at the address that others use: MongoDB, while it creates its user, listens
# on loopback only. Started by bash alone, as a client would take a second of a core each time.
_HEALTHY = """\
    healthcheck:
      test: [CMD, bash, -c, "exec 3<>/dev/tcp/$$HOSTNAME/{port}"]
      interval: 5s
      timeout: 3s
      retries: 10
      start_period: 60s
"""

# In Swarm a volume stays on its machine, so the server must too. Without dnsrr its clients come through a
# virtual address, which forgets a connection that is idle for 15 minutes.
_DEPLOY = """\
    deploy:
      endpoint_mode: dnsrr
      placement:
        constraints: [node.labels.catenae.servers == true]
      restart_policy:
        condition: any
      resources:
        limits:
          memory: {memory}
    stop_grace_period: 60s
    logging:
      driver: local
"""

# One broker, so one replica of everything, the log of transactions included; and of Kafka's own topics 8
# partitions in place of 50, which would only take the first start longer. A group that has stood still for
# some days keeps its positions: for ten years, not seven days.
_KAFKA = """\
  kafka:
    image: apache/kafka:4.3.1
    environment:
      KAFKA_NODE_ID: 1
      KAFKA_PROCESS_ROLES: broker,controller
      KAFKA_CONTROLLER_QUORUM_VOTERS: 1@localhost:9093
      KAFKA_LISTENERS: INTERNAL://:9092,CONTROLLER://:9093,HOST://:9094
      KAFKA_ADVERTISED_LISTENERS: INTERNAL://kafka:9092,HOST://localhost:${KAFKA_PORT:-9094}
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT,HOST:PLAINTEXT
      KAFKA_CONTROLLER_LISTENER_NAMES: CONTROLLER
      KAFKA_INTER_BROKER_LISTENER_NAME: INTERNAL
      KAFKA_LOG_DIRS: /var/lib/kafka/data
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false"
      KAFKA_OFFSETS_RETENTION_MINUTES: 5256000
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: 8
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: 1
      KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: 8
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: 1
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: 1
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: 0
      KAFKA_HEAP_OPTS: -Xms512m -Xmx512m
    volumes:
      - kafka:/var/lib/kafka/data
"""

# It does not start where it may open fewer than 15,000 files.
_AEROSPIKE = """\
  aerospike:
    image: aerospike/aerospike-server:8.1
    environment:
      NAMESPACE: catenae
      STORAGE_GB: ${AEROSPIKE_STORAGE_GB:-4}
      AEROSPIKE_TELEMETRY: "FALSE"
    volumes:
      - aerospike:/opt/aerospike/data
    ulimits:
      nofile: 16384
"""

_MONGODB = f"""\
  mongodb:
    image: mongo:8.0
    environment:
      MONGO_INITDB_ROOT_USERNAME: catenae
      MONGO_INITDB_ROOT_PASSWORD: {_GIVEN}
    volumes:
      - mongodb:/data/db
"""


def servers() -> str:
    """Return the servers' part of `services:` that Compose and Swarm both read."""
    parts = (
        _KAFKA + _HEALTHY.format(port=9092) + _DEPLOY.format(memory="1G"),
        _AEROSPIKE + _HEALTHY.format(port=3000) + _DEPLOY.format(memory="2G"),
        _MONGODB + _HEALTHY.format(port=27017) + _DEPLOY.format(memory="1G"),
    )
    return "\n".join(parts)


VOLUMES = "volumes:\n" + "".join(f"  {name}:\n" for name in NAMES)

# For producers and consumers on this machine. Not for Swarm, which would open the port to everybody.
PORTS = """\
  kafka:
    ports: ["127.0.0.1:${KAFKA_PORT:-9094}:9094"]
"""
