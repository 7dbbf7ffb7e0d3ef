"""The files of the web tool, and the headers of every answer."""

from pathlib import Path

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient

from catenae import ConfigError
from services.api.answers import Role
from services.api.collaborators import Site
from services.api.headers import StrictHeaders
from services.api.pages import Pages
from services.api.server import origins
from tests.services.api.conftest import Client


@pytest.mark.parametrize("path", ["/", "/alerts/ann", "/statistics"])
def test_a_path_of_the_tool_is_its_start_page(path: str, client: Client) -> None:
    answer = client().get(path)

    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


def test_a_file_whose_name_changes_is_kept_for_long(client: Client) -> None:
    answer = client().get("/assets/app-1a2b.js")

    assert (answer.text, answer.headers["content-type"]) == ("void 0", "text/javascript; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]


def test_a_page_may_load_and_do_nothing_but_its_own(client: Client) -> None:
    policy = client().get("/").headers["content-security-policy"]

    directives = dict(each.split(maxsplit=1) for each in policy.split("; "))
    assert directives.pop("require-trusted-types-for") == "'script'"
    none = {"default-src", "base-uri", "frame-ancestors", "trusted-types"}
    assert {name for name, sources in directives.items() if sources == "'none'"} == none
    assert {sources for name, sources in directives.items() if name not in none} <= {"'self'", "'self' data:"}


@pytest.mark.parametrize("path", ["/", "/api/v1/session", "/api/v1/nothing", "/live"])
def test_every_answer_has_the_strict_headers(path: str, client: Client) -> None:
    headers = client(Role.REVIEWER).get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert path == "/" or headers["cache-control"] == "no-store"


def test_what_the_api_answers_is_kept_nowhere(client: Client) -> None:
    assert client(Role.REVIEWER).get("/api/v1/alerts").headers["cache-control"] == "no-store"


def test_a_file_of_another_folder_cannot_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (tmp_path / "pages").mkdir()

    assert Pages(tmp_path / "pages")._files == {}


def test_by_https_the_cookie_is_this_hosts_alone() -> None:
    site = Site(("https://screening.example",), Path(), Path())

    assert site.is_secure
    assert site.cookie == "__Host-screening"


@pytest.mark.parametrize("is_secure", [True, False])
def test_who_has_come_by_https_never_comes_otherwise(is_secure: bool) -> None:
    answer = TestClient(StrictHeaders(Response(), is_secure=is_secure)).get("/")

    assert ("strict-transport-security" in answer.headers) is is_secure


@pytest.mark.parametrize("given", ["http://screening.example", "https://a.example/x", "ftp://a", "a.example"])
def test_an_address_that_passwords_must_not_go_to_is_refused(given: str) -> None:
    with pytest.raises(ConfigError, match="origin"):
        origins(given, 8080)
