"""The Aerospike that tests are lent: its client reaches it."""

import uuid
from contextlib import closing
from urllib.parse import urlsplit

import pytest

client_library = pytest.importorskip("aerospike")
pytestmark = pytest.mark.servers


def test_a_record_is_got_again(aerospike: str) -> None:
    address = urlsplit(aerospike)
    key = (address.path.strip("/"), "smoke", uuid.uuid4().hex)

    with closing(client_library.client({"hosts": [(address.hostname, address.port or 3000)]})) as client:
        client.put(key, {"text": "hello"})

        assert client.get(key)[2] == {"text": "hello"}
