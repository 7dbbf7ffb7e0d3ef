"""What is left in the store's file of State that was kept for its time: LMDB leaves it in unused pages."""

from catenae.config import Settings
from catenae.topology.graph import Topology

EMBEDDED = "embedded:"


def empty_unused_pages(topology: Topology, settings: Settings) -> None:
    """Write the store's file anew where some State has a lifetime, and nobody has it open."""
    # Only here: whoever imports catenae would load the adapter.
    from catenae.lmdb.options import LmdbOptions  # noqa: PLC0415
    from catenae.lmdb.rebuild import is_open, rebuild  # noqa: PLC0415

    if not settings.store.startswith(EMBEDDED) or not any(node.ttl_s for node in topology.nodes):
        return
    address = settings.store.removeprefix(EMBEDDED)
    folder = LmdbOptions.parse(address).path
    if (folder / "data.mdb").exists() and not is_open(folder):
        rebuild(address)
