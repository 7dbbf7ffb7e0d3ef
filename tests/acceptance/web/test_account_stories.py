"""What people do about their own account, in a real browser: a second factor, and their other sessions."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp import TOTP

from services.api.sign_in.recovery_codes import NUMBER
from services.api.sign_in.second_factor import STEP_S
from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.screening_site import PASSWORD, Site
from tests.acceptance.web.test_looks import violations
from tests.services.api.people import alert

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

ODD = alert("odd", opened_utc="in spring")


@pytest.fixture(scope="module")
def plain(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a site of two alerts, one of which cannot be shown, with no topology behind it."""
    site = Site.of_documents(tmp_path_factory.mktemp("plain"), {"alerts": [alert("ann"), ODD]})
    yield site
    site.stop()


@pytest.fixture(scope="module")
def requiring(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    required = {"CATENAE_OPTION_API_REQUIRE_SECOND_FACTOR": "true"}
    site = Site.of_documents(tmp_path_factory.mktemp("requiring"), {"alerts": [alert("ann")]}, required)
    yield site
    site.stop()


def enrol(page: Page) -> TOTP:
    """Go through the steps up to the recovery codes; return what the device knows."""
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Next", exact=True).click()
    shown = page.locator(".secret")
    expect(shown).to_be_visible()
    device = TOTP(shown.inner_text().replace(" ", ""))
    address = page.get_by_role("link", name="Open in an authenticator app").get_attribute("href") or ""
    assert address.startswith("otpauth://totp/Catenae%20screening:careful")
    assert f"secret={device.secret}" in address
    page.get_by_label("Code that the app shows now").fill(device.now())
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    return device


@pytest.mark.parametrize("width", [320, pytest.param(1280, marks=pytest.mark.long)])
def test_somebody_sets_up_a_second_factor_and_signs_in_by_it(
    plain: Site, open_page: OpenPage, axe: str, width: int
) -> None:
    viewport = {"width": width, "height": 800}
    plain.add_account("careful" + str(width), "--password-stdin")
    page = open_page(plain, "careful" + str(width), viewport=viewport)
    page.get_by_role("button", name="Account and settings").click()
    page.get_by_role("button", name="Second factor").click()

    device = enrol(page)

    codes = page.locator(".recovery-codes li")
    expect(codes).to_have_count(NUMBER)
    assert violations(page, axe) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    recovery = codes.first.inner_text()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    for code in (device.at(time.time() + STEP_S), recovery):
        again = open_page(plain, "careful" + str(width), viewport=viewport)
        field = again.get_by_label("Code")
        expect(field).to_be_focused()
        assert violations(again, axe) == []
        field.fill("000 000")
        again.keyboard.press("Enter")
        expect(again.get_by_role("alert")).to_have_text(
            "The code is wrong, or was used before. Wait for the next one."
        )
        field.fill(code)
        again.keyboard.press("Enter")
        expect(again.get_by_role("option").first).to_be_visible()


def test_where_it_is_required_it_comes_first(requiring: Site, open_page: OpenPage, axe: str) -> None:
    requiring.add_account("careful", "--password-stdin")
    page = open_page(requiring, "careful", viewport={"width": 320, "height": 700})
    expect(page.get_by_text("Everybody who signs in with a password needs one here.")).to_be_visible()
    assert violations(page, axe) == []

    enrol(page)
    page.get_by_role("button", name="I have kept them").click()

    expect(page.get_by_role("option").first).to_be_visible()
    expect(page.locator(".connection")).to_have_attribute("data-state", "live")


def test_somebody_sees_and_ends_their_other_sessions(plain: Site, open_page: OpenPage) -> None:
    elsewhere, page = open_page(plain, "reviewer"), open_page(plain, "reviewer")
    expect(elsewhere.get_by_role("option").first).to_be_visible()
    page.get_by_role("button", name="Account and settings").click()
    page.get_by_role("button", name="Other sessions").click()
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_contain_text("Signed in")

    page.get_by_role("button", name="End all other sessions").click()

    expect(elsewhere.get_by_text("Your session has ended.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Account and settings").click()
    page.get_by_role("button", name="Other sessions").click()
    expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()


@pytest.mark.long
def test_whoever_reads_a_list_is_told_what_it_lacks(plain: Site, open_page: OpenPage) -> None:
    page = open_page(plain, "reviewer")

    expect(page.get_by_role("option")).to_have_count(1)
    expect(page.get_by_text("1 entry here cannot be shown")).to_be_visible()
