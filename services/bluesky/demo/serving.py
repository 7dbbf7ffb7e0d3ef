"""Serve a timeline as a Jetstream does, on the loopback interface only."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from services.bluesky.demo.timeline import Event, Timeline

HOST = "127.0.0.1"
_PATH = "/subscribe"
_AT_ONCE = 500
_LOOK_EVERY_S = 0.02


class LocalJetstream:
    """A server of a timeline. `address` is what clients connect to."""

    def __init__(self, timeline: Timeline, port: int = 0) -> None:
        self._timeline = timeline
        self._connections: set[ServerConnection] = set()
        self._server = serve(self._handle, HOST, port)
        self.asked: list[dict[str, list[str]]] = []
        self.address = f"ws://{HOST}:{self._server.socket.getsockname()[1]}{_PATH}"

    @property
    def connected(self) -> int:
        """How many clients there are."""
        return len(self._connections)

    def run(self) -> None:
        """Serve until `stop`."""
        self._server.serve_forever()

    def stop(self) -> None:
        """End everything."""
        self._server.shutdown()
        self.cut()

    def cut(self) -> None:
        """Break every connection, without a word."""
        for connection in list(self._connections):
            connection.socket.close()

    def _handle(self, connection: ServerConnection) -> None:
        request = connection.request
        parts = urlsplit(request.path if request else "")
        if parts.path != _PATH:
            return
        asked = parse_qs(parts.query)
        self.asked.append(asked)
        self._connections.add(connection)
        try:
            self._send(connection, asked)
        except (ConnectionClosed, OSError):
            return
        finally:
            self._connections.discard(connection)

    def _send(self, connection: ServerConnection, asked: dict[str, list[str]]) -> None:
        collections = asked.get("wantedCollections", [])
        place = self._timeline.first(int(asked["cursor"][0]) if "cursor" in asked else None)
        while connection in self._connections:
            events = self._timeline.since(place, _AT_ONCE)
            place += len(events)
            for event in events:
                if _is_wanted(event, collections):
                    connection.send(json.dumps(event))
            if not events:
                time.sleep(_LOOK_EVERY_S)
                if connection.state.name != "OPEN":
                    return


@contextmanager
def serving(timeline: Timeline, port: int = 0) -> Iterator[LocalJetstream]:
    """Serve in a thread while the block runs. Raises OSError if the port is taken."""
    server = LocalJetstream(timeline, port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


def _is_wanted(event: Event, collections: list[str]) -> bool:
    """Say whether a client wants an event; accounts and identities are told of in any case."""
    return event["kind"] != "commit" or not collections or event["commit"]["collection"] in collections
