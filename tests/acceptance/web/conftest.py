"""A real browser before a running site. Without Chromium the tests are skipped, and say so."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from services.web.build import HERE as WEB
from services.web.build import install, npm_of_machine, npm_of_python
from tests.acceptance.web.screening_site import PASSWORD, Site, alone_in
from tests.patience import PATIENCE_S

# Chromium speaks to nobody but the page: its own look-ups would be requests that leave the host.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OpenPage = Callable[..., Page]
# Whoever is not signed in is told so by 401 and 403, which browsers log.
EXPECTED = ("status of 40",)
# What is waited for takes milliseconds, and longer where others keep the machine busy.
expect.set_options(timeout=PATIENCE_S * 1000)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return Chromium; skip where there is none, or fail with CATENAE_REQUIRE_SERVERS=1."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        refuse = pytest.fail if os.environ.get("CATENAE_REQUIRE_SERVERS") == "1" else pytest.skip
        refuse("no Chromium; on Debian and Ubuntu: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return the screening of a generated collection, running."""
    running = Site.screening(tmp_path_factory.mktemp("screening"))
    yield running
    running.stop()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Return what opens a page, signed in by role or not at all; `beside` is another host that it may ask.

    In the end no page may have asked another host, logged an error, or thrown one; of a site that is
    `interrupted`, a browser logs that it is not reached.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_(
        site: Site,
        role: str | None = "administrator",
        path: str = "/",
        *,
        interrupted: bool = False,
        beside: str = "",
        **options: Any,
    ) -> Page:
        settings = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options}
        context = chromium.new_context(**settings)
        context.set_default_timeout(PATIENCE_S * 1000)
        contexts.append(context)
        page = context.new_page()
        hosts = [site.address, site.address.replace("http", "ws", 1), *([beside] if beside else [])]
        page.on("request", lambda request: _blame_stranger(request.url, hosts, faults))
        page.on("pageerror", lambda error: faults.append(f"thrown: {error}"))
        expected = (*EXPECTED, "net::ERR_") if interrupted else EXPECTED
        page.on("console", lambda said: _blame_error(said.text, said.type, expected, faults))
        page.goto(f"{site.address}{path}")
        if role is not None:
            sign_in(page, role)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []


def sign_in(page: Page, role: str, password: str = PASSWORD) -> None:
    """Fill in the form, and send it by the Enter key."""
    page.get_by_label("Name").fill(role)
    page.get_by_label("Password", exact=True).fill(password)
    page.keyboard.press("Enter")


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the source of axe, which finds what keeps people out."""
    npm = npm_of_machine() or npm_of_python()
    with alone_in(WEB):
        install(npm, "axe-core")
        return Path(WEB / "node_modules/axe-core/axe.min.js").read_text("utf-8")


def _blame_stranger(address: str, hosts: Sequence[str], faults: list[str]) -> None:
    if not address.startswith((*(f"{host}/" for host in hosts), "blob:")):
        faults.append(f"asked: {address}")


def _blame_error(text: str, kind: str, expected: Sequence[str], faults: list[str]) -> None:
    if kind in {"error", "warning"} and not any(each in text for each in expected):
        faults.append(f"logged: {text}")
