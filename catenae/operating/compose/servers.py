"""Kafka, Aerospike and MongoDB as Compose services: what every topology's nodes reach."""

from catenae.operating.compose.deployment import Deployment
from catenae.operating.compose.secrets import AUTHORITY_FILE, CERTIFICATE, CERTIFICATE_FILE, mounted
from catenae.operating.passwords import OPERATOR

# No node may have the name of a server. Those of several brokers are none of a node.
NAMES = ("kafka", "aerospike", "mongodb")

STORE = "aerospike://aerospike:3000/catenae"
AEROSPIKE_IMAGE, MONGODB_IMAGE = "aerospike/aerospike-server:8.1", "mongo:8.0"


def documents(user: str, database: str, *, has_tls: bool) -> str:
    """Return the URL of a database, which knows the user; the password is a secret."""
    options = f"?tls=true&tlsCAFile={AUTHORITY_FILE}" if has_tls else ""
    return f"mongodb://{user}@mongodb:27017/{database}{options}"


# Healthy is who takes connections at the address that others use: MongoDB, while it creates its user, listens
# on loopback only. Started by bash alone, as a client would take a second of a core each time.
_HEALTHY = """\
    healthcheck:
      test: [CMD, bash, -c, "exec 3<>/dev/tcp/$$HOSTNAME/{port}"]
      interval: 5s
      timeout: 15s
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
_AEROSPIKE = f"""\
  aerospike:
    image: {AEROSPIKE_IMAGE}
    environment:
      NAMESPACE: catenae
      STORAGE_GB: ${{AEROSPIKE_STORAGE_GB:-4}}
      AEROSPIKE_TELEMETRY: "FALSE"
    volumes:
      - aerospike:/opt/aerospike/data
    ulimits:
      nofile: 16384
"""


def _mongodb(*, has_tls: bool) -> str:
    command = f"[--tlsMode, requireTLS, --tlsCertificateKeyFile, {CERTIFICATE_FILE}]"
    return f"""\
  mongodb:
    image: {MONGODB_IMAGE}
{f"    command: {command}" + chr(10) if has_tls else ""}\
    environment:
      MONGO_INITDB_ROOT_USERNAME: {OPERATOR}
      MONGO_INITDB_ROOT_PASSWORD_FILE: /run/secrets/password
    volumes:
      - mongodb:/data/db
{mounted(OPERATOR, (CERTIFICATE,) if has_tls else ())}"""


def servers(deployment: Deployment) -> str:
    """Return the servers' part of `services:` that Compose and Swarm both read."""
    kafka, has_tls, here = deployment.kafka, deployment.has_tls, "catenae.servers == true"
    parts = [
        kafka.service(number, has_tls=has_tls)
        + _HEALTHY.format(port=9092)
        + _DEPLOY.format(memory="1G", label=kafka.label(number))
        for number in range(1, kafka.count + 1)
    ]
    if deployment.has_store:
        parts.append(_AEROSPIKE + _HEALTHY.format(port=3000) + _DEPLOY.format(memory="2G", label=here))
    if deployment.has_documents:
        mongodb = _mongodb(has_tls=has_tls)
        parts.append(mongodb + _HEALTHY.format(port=27017) + _DEPLOY.format(memory="1G", label=here))
    return "\n".join(parts)


def volumes(deployment: Deployment) -> str:
    """Return the volumes that the servers keep everything in."""
    return "volumes:\n" + "".join(f"  {name}:\n" for name in deployment.servers)
