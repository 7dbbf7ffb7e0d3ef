"""Kafka, Aerospike and MongoDB as Compose services: what every topology's nodes reach."""

from catenae.topology.compose.kafka import KafkaBrokers

# No node may have the name of a server. Those of several brokers are none of a node.
NAMES = ("kafka", "aerospike", "mongodb")

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
        constraints: [node.labels.{label}]
      restart_policy:
        condition: any
      resources:
        limits:
          memory: {memory}
    stop_grace_period: 60s
    logging:
      driver: local
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


def names(kafka: KafkaBrokers) -> tuple[str, ...]:
    """Return the names of all servers' services."""
    return (*kafka.names, "aerospike", "mongodb")


def servers(kafka: KafkaBrokers) -> str:
    """Return the servers' part of `services:` that Compose and Swarm both read."""
    here = "catenae.servers == true"
    parts = (
        *(
            kafka.service(number)
            + _HEALTHY.format(port=9092)
            + _DEPLOY.format(memory="1G", label=kafka.label(number))
            for number in range(1, kafka.count + 1)
        ),
        _AEROSPIKE + _HEALTHY.format(port=3000) + _DEPLOY.format(memory="2G", label=here),
        _MONGODB + _HEALTHY.format(port=27017) + _DEPLOY.format(memory="1G", label=here),
    )
    return "\n".join(parts)


def volumes(kafka: KafkaBrokers) -> str:
    """Return the volumes that the servers keep everything in."""
    return "volumes:\n" + "".join(f"  {name}:\n" for name in names(kafka))
