"""Messages into an index of OpenSearch, by its bulk interface over HTTP; Elasticsearch has the same."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from catenae.connectors.asking import PASSING, HttpServer, ServerAway, ServerRefuses, basic
from catenae.message import Message
from catenae.microservice import Leaf
from catenae.secret import Secret

_LINES = {"Content-Type": "application/x-ndjson"}
_JSON = {"Content-Type": "application/json"}


class OpenSearchIndex(Leaf):
    """Keep an index up to date: each message, a mapping, is the document of its id from then on.

    url       of the server, http or https
    index     its name; it is made by the first document if the server allows that
    id_field  the field that is the document's id, 512 bytes at most; if empty, it is the message's own
    personal  the field, of type keyword, that holds the messages' key: what is forgotten is removed by it
    user      and password, where the server asks for them

    A batch is one request, and is sent until the server has taken all of it, before it is committed; what
    comes again after a kill is stored under the same ids, so the index is as if each message had come once.
    Searches see it when the index is refreshed. A document that the server refuses is a dead letter.
    """

    def __init__(  # noqa: PLR0913  an option each
        self,
        url: str,
        index: str,
        id_field: str = "",
        *,
        personal: str = "",
        user: str = "",
        password: Secret | None = None,
        timeout_s: float = 30.0,
    ) -> None:
        self._server = HttpServer(
            f"{url.rstrip('/')}/{quote(index, safe='')}", timeout_s, basic(user, password)
        )
        self._id_field, self._personal = id_field, personal

    def consume(self, message: Message) -> None:
        self.consume_many([message])

    def consume_many(self, messages: Sequence[Message]) -> None:
        lines = [line for each in messages for line in ({"index": {"_id": self._id(each)}}, each.value)]
        body = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
        answer = json.loads(self._server.ask("/_bulk", body, _LINES))
        if answer["errors"]:
            _raise_for(
                [outcome for item in answer["items"] for outcome in item.values() if "error" in outcome]
            )

    def forget(self, request: Message) -> None:
        if not self._personal:
            return
        # Only what a search would find is removed by one.
        self._server.ask("/_refresh", b"", _JSON)
        query = json.dumps({"query": {"term": {self._personal: request.key}}}).encode()
        answer = json.loads(
            self._server.ask("/_delete_by_query?conflicts=proceed&refresh=true", query, _JSON)
        )
        if answer["version_conflicts"] or answer["failures"]:
            raise ServerAway("OpenSearch has changed documents of a key while they were to be removed")

    def _id(self, message: Message) -> str:
        return str(message.value[self._id_field]) if self._id_field else message.id


def _raise_for(refused: Sequence[Any]) -> None:
    """Raise for documents that were not taken, without what the server says of them: it quotes values."""
    kinds = sorted({str(each["error"]["type"]) for each in refused})
    text = f"OpenSearch does not take {len(refused)} documents: {', '.join(kinds)}"
    passing = any(each["status"] in PASSING for each in refused)
    raise (ServerAway if passing else ServerRefuses)(text)
