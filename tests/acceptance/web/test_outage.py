"""The web tool is killed while somebody reviews: the page says so, loses nothing, comes back by itself."""

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.screening_site import Site
from tests.acceptance.web.test_alert_stories import alert_somebody, open_first, rows

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]


def test_an_outage_is_said_and_made_good(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer", interrupted=True)
    user = open_first(page)
    page.get_by_role("heading", name="Alerts").hover()
    page.get_by_role("button", name="Hide").focus()

    with site.outage():
        label_in_vain(page, user)
        missed = alert_somebody(site)

    expect(page.locator(".connection")).to_have_text("Live")
    expect(rows(page).filter(has_text=missed)).to_be_visible()
    expect(page.get_by_role("button", name="Hide")).to_be_focused()
    expect(rows(page).filter(has_text=alert_somebody(site))).to_be_visible()
    label(page, user)


def label_in_vain(page: Page, user: str) -> None:
    """Label the open alert while the server is away: it stays open, and nothing is said to be done."""
    expect(page.locator(".connection")).to_have_text("Not live: reconnecting")
    page.keyboard.press("n")
    expect(page.locator(".notice")).to_have_text(f"{user}: not saved. The server cannot be reached.")
    expect(page.locator("#alert-title")).to_have_text(user)
    expect(page.get_by_text("Not reviewed yet")).to_be_visible()


def label(page: Page, user: str) -> None:
    """Label the open alert; nobody had to sign in again for it."""
    page.keyboard.press("n")
    expect(page.locator("#alert-title")).not_to_have_text(user)
    page.keyboard.press("3")
    expect(rows(page).filter(has_text=user)).to_be_visible()
