from traceback import format_exception

import pytest

import catenae.stores
from catenae.errors import CodecError, ConfigError, StoreUnavailable
from catenae.stores import open_documents

pytest.importorskip("pymongo", reason="the extra mongodb is not installed")

from pymongo.errors import AutoReconnect, OperationFailure

from catenae.stores import mongodb_address
from catenae.stores import mongodb_query as query
from catenae.stores.document_query import encode_cursor, encode_document
from catenae.stores.mongodb_error import explained


@pytest.mark.parametrize(
    "url",
    [
        "mongodb:host/db",
        "mongodb://ann:unsaid@host",
        "mongodb://ann:unsaid@/db",
        "mongodb://ann:unsaid@host:x/db",
        "mongodb://ann:un/said@host/db",
        "mongodb://ann:unsaid@host/db?tls=perhaps",
        "mongodb://ann:unsaid@host/db?colour=red",
    ],
)
def test_an_unfit_url_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match="MongoDB URL") as refused:
        open_documents(url)

    assert "said" not in str(refused.value)
    assert "unsaid" not in "".join(format_exception(refused.value))


def test_the_password_of_a_user_may_come_beside_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    _, options = mongodb_address.parsed("mongodb://ann@host/db", "unsaid")
    assert options["password"] == "unsaid"

    _, options = mongodb_address.parsed("mongodb://ann:of-the-url@host/db", "unsaid")
    assert "password" not in options

    monkeypatch.delenv(mongodb_address.PASSWORD_VARIABLE, raising=False)
    with pytest.raises(ConfigError, match="a user without a password, and neither CATENAE_MONGODB_PASSWORD"):
        open_documents("mongodb://ann@host/db")


def test_hosts_looked_up_in_the_dns_need_the_same_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(catenae.stores._DOCUMENTS, "mongodb+srv", "not_installed_client:open_it")

    with pytest.raises(ConfigError, match=r"Install catenae\[mongodb\]$"):
        open_documents("mongodb+srv://host/db")


@pytest.mark.lengthy
def test_a_server_that_is_away_is_unavailable_for_the_moment() -> None:
    with pytest.raises(StoreUnavailable, match="does not answer") as refused:
        open_documents("mongodb://ann:unsaid@127.0.0.1:9/db?serverSelectionTimeoutMS=20")

    assert "unsaid" not in str(refused.value)


@pytest.mark.parametrize("field", ["$set", "a.b", "a\x00b", "_id", "_words"])
def test_names_that_mongodb_does_not_take_are_refused(field: str) -> None:
    document_id, text = encode_document("posts", {"id": "a", field: 1})

    with pytest.raises(CodecError, match="Rename the field"):
        query.to_stored("posts", document_id, text)


@pytest.mark.parametrize(
    ("value", "descending", "beyond"),
    [
        (None, False, ["number", "string", "bool"]),
        (None, True, []),
        (1.5, False, ["string", "bool"]),
        (1, True, [None]),
        ("a", False, ["bool"]),
        (True, True, [None, "number", "string"]),
    ],
)
def test_a_page_goes_on_with_the_kinds_of_values_that_sort_later(
    value: object, *, descending: bool, beyond: list[str | None]
) -> None:
    first, *rest = query.after("n", encode_cursor([value, "a"]), descending=descending)

    bound = "$lte" if descending else "$gte"
    assert first["n"] == (None if value is None else {bound: value})
    others = [{"n": kind and {"$type": kind}} for kind in beyond]
    assert rest == ([{"$or": others}] if others else [])


def test_what_passes_is_told_from_what_stays() -> None:
    assert isinstance(explained(AutoReconnect("secret")), StoreUnavailable)
    assert isinstance(explained(OperationFailure("secret", 189)), StoreUnavailable)
    assert "password" not in str(explained(OperationFailure("secret", 2)))
    assert "password" in str(explained(OperationFailure("secret", 18)))
    assert "unsaid" not in str(explained(OperationFailure("secret", 2)))
