"""A node as a Compose service: its image, its command, its replicas and limits, the files it reads."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from catenae.operating.compose.deployment import Deployment
from catenae.operating.compose.secrets import AUTHORITY, mounted
from catenae.operating.compose.servers import documents
from catenae.operating.compose.yaml import quoted, word
from catenae.topology.node import FileAccess, Node, Resources, is_in_data_folder

# Of whom containers are unless told: nobody in particular, as the Dockerfile has it.
_NOBODY = "65532:65532"


def image(node: Node) -> str:
    """Return the last part of the image's name: the node's extras, or "core"."""
    return "-".join(sorted(node.extras)) or "core"


def build(extras: Sequence[str], deployment: Deployment) -> str:
    """Return how an image with these extras is built, as the value of `build:` two spaces to the right."""
    installed = ",".join(sorted({*deployment.clients, *extras}))
    return f"""\
  context: .
  dockerfile: docker/Dockerfile
  args:
    EXTRAS: {installed}
  secrets: [certificates]
"""


def service(reference: str, topology: str, node: Node, deployment: Deployment) -> str:
    """Return the node's part of `services:` that Compose and Swarm both read."""
    # A Source that is exhausted ends with 0 and stays so; whatever else ends is started again.
    restarted = "on-failure" if node.is_source else "any"
    return f"""\
  {word(node.name)}:
    <<: *every-node
    image: {deployment.images}/{image(node)}:${{CATENAE_TAG:-latest}}
    command: [work, {quoted(reference)}, {word(node.name)}{_listening(node)}]
    environment:
      <<: *environment
      CATENAE_KAFKA_SASL_USERNAME: {word(node.name)}
{_documents(topology, node, deployment)}\
    deploy:
      replicas: {node.replicas}
      restart_policy:
        condition: {restarted}
{_limits(node.resources)}{_mounts(node)}{mounted(node.name, (AUTHORITY,) if deployment.has_tls else ())}"""


def local_service(topology: str, node: Node) -> str:
    """Return the node's part of `services:` that only Compose reads."""
    return f"""\
  {word(node.name)}:
    <<: *every-node
    profiles: [{word(topology)}]
    build: *build-{image(node)}
{_user(node)}{_published(node)}"""


def _documents(topology: str, node: Node, deployment: Deployment) -> str:
    """Return the URL of the documents for a node that may have to do with any."""
    if not deployment.has_documents or (node.documents is not None and not node.documents):
        return ""
    return f"      CATENAE_DOCUMENTS: {documents(node.name, topology, has_tls=deployment.has_tls)}\n"


def _listening(node: Node) -> str:
    """Return the options of a server that has a port: that port, to whoever reaches the container."""
    return f', --option, host=0.0.0.0, --option, "port={_port(node)}"' if has_port(node) else ""


def _user(node: Node) -> str:
    """Return whose a node is that writes files: of who owns them, where that is said."""
    is_writing = "write" in node.files.values()
    return f'    user: "${{CATENAE_USER:-{_NOBODY}}}"\n' if is_writing else ""


def _published(node: Node) -> str:
    """Return the port of a server on this machine's loopback: the same one, which browsers hold it to."""
    return f'    ports: ["127.0.0.1:{_port(node)}:{_port(node)}"]\n' if has_port(node) else ""


def has_port(node: Node) -> bool:
    """Say whether a node serves at a port that its options name."""
    return node.is_server and "port" in node.options


def _port(node: Node) -> str:
    return f"${{{node.name.upper()}_PORT:-{node.options['port']}}}"


def _limits(resources: Resources) -> str:
    limits = ""
    if resources.cpus is not None:
        limits += f'          cpus: "{resources.cpus:g}"\n'
    if resources.memory_mb is not None:
        limits += f"          memory: {resources.memory_mb}M\n"
    return f"      resources:\n        limits:\n{limits}" if limits else ""


def _mounts(node: Node) -> str:
    """Return the mounts of what the node has to do with in the data folder."""
    mounts = [
        f"      - {{type: bind, source: {quoted(f'./{path}')}, target: {quoted(f'/app/{path}')}, "
        f"read_only: {'true' if access == 'read' else 'false'}}}\n"
        for path, access in sorted(files_of(node).items())
    ]
    return f"    volumes:\n{''.join(mounts)}" if mounts else ""


def files_of(node: Node) -> Mapping[str, FileAccess]:
    """Return what is done with which path: what the node says, and reading what its options name besides."""
    named = {str(value) for value in node.options.values() if isinstance(value, str | PurePosixPath)}
    read = {
        path
        for path in named
        if is_in_data_folder(path)
        and not any(PurePosixPath(path).is_relative_to(each) for each in node.files)
    }
    return {**dict.fromkeys(read, "read"), **node.files}
