"""A stand-in for OpenSearch: one index in memory, which has the faults that a test wants of it.

It answers as the real one, which `opensearch.py` starts. What is asked for in another way fails.
"""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

# A value by which an index that expects a number does not take the document, and which it quotes.
HARD = "what nobody is to read"


class BulkIndex(ThreadingHTTPServer):
    """Serves inside as a context manager.

    documents  by id, as indexed; a search finds them once they are refreshed
    outcomes   by id, what comes of the next tries: status and type of error
    conflicts  how many documents the next removals meet that are changed meanwhile
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.documents: dict[str, Any] = {}
        self.searchable: dict[str, Any] = {}
        self.outcomes: dict[str, list[tuple[int, str]]] = {}
        self.conflicts = 0
        self.authorizations: set[str | None] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    @staticmethod
    def hard_to_take(name: str) -> Mapping[str, Any]:
        """Return a document that no try will have the index take."""
        return {"id": name, "count": HARD}

    def index(self, name: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Index a document, and return its part of the answer."""
        if document.get("count") == HARD:
            return _refused(name, 400, "mapper_parsing_exception")
        if self.outcomes.get(name):
            return _refused(name, *self.outcomes[name].pop(0))
        status = 200 if name in self.documents else 201
        self.documents[name] = document
        return {"index": {"_id": name, "status": status}}

    def remove(self, field: str, value: str) -> int:
        """Remove what a search finds by a field's value; return how much that is."""
        found = [name for name, each in self.searchable.items() if each.get(field) == value]
        for name in found:
            self.documents.pop(name, None)
        return len(found)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: BulkIndex

    def do_POST(self) -> None:
        parts = urlsplit(self.path)
        _, _, verb = parts.path.split("/")
        answers: Mapping[str, Callable[[bytes], dict[str, Any]]] = {
            "_bulk": self._bulk,
            "_refresh": self._refresh,
            "_delete_by_query": self._delete_by_query,
        }
        self.server.authorizations.add(self.headers["Authorization"])
        self._query = parse_qs(parts.query)
        answer = answers[verb](self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def _bulk(self, body: bytes) -> dict[str, Any]:
        assert self.headers["Content-Type"] == "application/x-ndjson"
        *lines, end = body.decode().split("\n")
        assert end == "", "the last line ends with a line break, too"
        pairs = zip(lines[::2], lines[1::2], strict=True)
        items = [
            self.server.index(json.loads(action)["index"]["_id"], json.loads(document))
            for action, document in pairs
        ]
        return {"errors": any("error" in each["index"] for each in items), "items": items}

    def _refresh(self, _: bytes) -> dict[str, Any]:
        self.server.searchable = dict(self.server.documents)
        return {}

    def _delete_by_query(self, body: bytes) -> dict[str, Any]:
        assert self._query == {"conflicts": ["proceed"], "refresh": ["true"]}
        ((field, value),) = json.loads(body)["query"]["term"].items()
        conflicts, self.server.conflicts = self.server.conflicts, 0
        deleted = 0 if conflicts else self.server.remove(field, value)
        return {"deleted": deleted, "version_conflicts": conflicts, "failures": []}

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


def _refused(name: str, status: int, kind: str) -> dict[str, Any]:
    error = {"type": kind, "reason": f"failed to parse field [count]. Preview of field's value: '{HARD}'"}
    return {"index": {"_id": name, "status": status, "error": error}}
