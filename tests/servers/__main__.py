"""Run servers until interrupted and print their addresses: `python -m tests.servers kafka mongodb`."""

import argparse
import signal
import sys
from contextlib import ExitStack

from tests.servers.lending import lend_aerospike, lend_kafka, lend_mongodb

_SERVERS = {"aerospike": lend_aerospike, "kafka": lend_kafka, "mongodb": lend_mongodb}


def main() -> None:
    """Start the servers named, print their addresses, end them on SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("servers", nargs="+", choices=sorted(_SERVERS))
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, lambda *_: sys.exit(0))
    with ExitStack() as running:
        for name in parser.parse_args().servers:
            address = running.enter_context(_SERVERS[name]())
            print(f"export CATENAE_TEST_{name.upper()}={address}", flush=True)  # noqa: T201
        signal.pause()


if __name__ == "__main__":
    main()
