"""Run servers until interrupted and print their addresses: `python -m tests.servers kafka mongodb`.

With `--which`, say which ones tests can have here, and end.
"""

import argparse
import signal
import sys
from contextlib import ExitStack

from tests.servers.lending import (
    lend_aerospike,
    lend_kafka,
    lend_mongodb,
    lend_opensearch,
    lend_postgresql,
)
from tests.servers.which import which

_SERVERS = {
    "aerospike": lend_aerospike,
    "kafka": lend_kafka,
    "mongodb": lend_mongodb,
    "opensearch": lend_opensearch,
    "postgresql": lend_postgresql,
}


def main() -> None:
    """Start the servers named, print their addresses, end them on SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("servers", nargs="*", metavar="SERVER", help=", ".join(sorted(_SERVERS)))
    parser.add_argument("--which", action="store_true", help="say which ones can be had")
    wanted = parser.parse_args()
    if wanted.which:
        for line in which():
            print(line, flush=True)  # noqa: T201
        return
    if not wanted.servers or not set(wanted.servers) <= _SERVERS.keys():
        parser.error(f"name some of {', '.join(sorted(_SERVERS))}")
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, lambda *_: sys.exit(0))
    with ExitStack() as running:
        for name in wanted.servers:
            address = running.enter_context(_SERVERS[name]())
            print(f"export CATENAE_TEST_{name.upper()}={address}", flush=True)  # noqa: T201
        signal.pause()


if __name__ == "__main__":
    main()
