"""What a reviewer does with alerts, in a real browser on the running screening."""

import re
from itertools import count as numbers

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.acceptance.web.conftest import OpenPage, sign_in
from tests.acceptance.web.screening_site import Site

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

_newcomers = (f"newcomer_{number}" for number in numbers())


def rows(page: Page) -> Locator:
    return page.get_by_role("option")


def tab_count(page: Page, name: str) -> int:
    shown = page.get_by_role("tab", name=re.compile(f"^{name} [0-9]")).locator(".tab-count")
    return int(shown.inner_text().replace(",", ""))


def open_first(page: Page) -> str:
    """Open the first alert of the list; return its user."""
    rows(page).first.click()
    expect(page.locator(".post").first).to_be_visible()
    return page.locator("#alert-title").inner_text()


def alert_somebody(site: Site) -> str:
    """Have somebody new write what raises an alert; return the name."""
    name = next(_newcomers)
    site.post(name, site.texts_of_most_probable())
    return name


def test_who_is_not_signed_in_sees_the_form_and_nothing_else(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, None)

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page, "reviewer", "a wrong password")
    expect(page.get_by_role("alert")).to_have_text("Name or password is wrong.")
    expect(page.get_by_role("navigation")).to_have_count(0)


@pytest.mark.long
def test_signing_in_shows_the_alerts(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")

    expect(rows(page).first).to_be_visible()
    expect(page.get_by_role("tab", name="Untagged")).to_have_attribute("aria-selected", "true")


def test_an_alert_appears_while_one_looks(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    expect(rows(page).first).to_be_visible()

    name = alert_somebody(site)

    expect(rows(page).filter(has_text=name)).to_be_visible()


def test_an_open_alert_shows_its_posts_the_most_probable_first(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")

    open_first(page)

    shown = page.locator(".post .meter-value").all_text_contents()
    probabilities = [float(text.strip("<> %")) for text in shown]
    assert probabilities == sorted(probabilities, reverse=True)
    expect(page.locator(".post mark.raises").first).to_be_visible()
    expect(page.locator(".word.raises .word-term").first).to_have_text(re.compile(r"^\+\d+\.\d\d$"))


def test_the_chart_is_read_by_keys(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    open_first(page)
    slider = page.get_by_role("slider", name="Move along the line")

    page.get_by_role("button", name="Go to the post that opened the alert").click()
    expect(page.locator(".chart-trigger")).to_be_visible()
    at_trigger = slider.get_attribute("aria-valuetext") or ""
    slider.press("ArrowLeft")

    expect(slider).not_to_have_attribute("aria-valuetext", at_trigger)
    expect(page.locator(".chart-trigger")).to_have_count(0)
    page.get_by_text("Values as a table").click()
    expect(page.get_by_role("cell", name=re.compile("Post that opened the alert"))).to_be_visible()


def test_what_keys_have_chosen_stays_when_the_pointer_leaves(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    open_first(page)
    slider = page.get_by_role("slider", name="Move along the line")

    page.locator(".chart-place .u-over").hover()
    slider.press("Home")
    at_first = slider.get_attribute("aria-valuetext") or ""
    page.mouse.move(0, 0)
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    expect(slider).to_have_attribute("aria-valuetext", at_first)


def test_a_label_by_key_opens_the_next_alert_and_moves_the_counts(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    user = open_first(page)
    following = rows(page).nth(1).locator("bdi").inner_text()
    untagged, risk = tab_count(page, "Untagged"), tab_count(page, "Risk")

    page.keyboard.press("r")

    expect(page.locator("#alert-title")).to_have_text(following)
    assert (tab_count(page, "Untagged"), tab_count(page, "Risk")) == (untagged - 1, risk + 1)
    expect(rows(page).filter(has_text=user)).to_have_count(0)
    page.keyboard.press("2")
    expect(rows(page).filter(has_text=user)).to_be_visible()


def test_what_was_done_last_is_undone_by_a_key(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    user = open_first(page)

    page.keyboard.press("n")
    expect(page.locator("#alert-title")).not_to_have_text(user)
    page.keyboard.press("z")

    expect(page.locator("#alert-title")).to_have_text(user)
    expect(rows(page).filter(has_text=user)).to_be_visible()
    page.get_by_text("Review history").click()
    expect(page.locator(".acts li").first).to_contain_text("reviewer cleared the label")


@pytest.mark.long
def test_a_label_by_button_takes_the_focus_to_the_next_alert(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    user = open_first(page)

    page.get_by_role("button", name="No risk").click()

    expect(page.locator("#alert-title")).not_to_have_text(user)
    expect(page.locator("#alert-title")).to_be_focused()


@pytest.mark.long
def test_what_is_hidden_is_found_among_the_hidden(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    user = open_first(page)

    page.keyboard.press("h")
    page.get_by_role("combobox", name="Reason").fill("Not a person")
    page.keyboard.press("Enter")
    expect(page.locator("#alert-title")).not_to_have_text(user)
    page.get_by_label(re.compile(r"^Hidden \(\d+\)$")).check()
    rows(page).filter(has_text=user).click()
    page.get_by_role("button", name="Show again").click()

    expect(rows(page).filter(has_text=user)).to_have_count(0)


@pytest.mark.long
def test_the_order_is_held_under_the_pointer(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    rows(page).nth(1).hover()
    first = rows(page).first.inner_text()

    name = alert_somebody(site)
    expect(page.get_by_role("button", name="1 new alert")).to_be_visible()
    assert rows(page).first.inner_text() == first
    page.get_by_role("heading", name="Alerts").hover()

    expect(rows(page).filter(has_text=name)).to_be_visible()


@pytest.mark.long
def test_paused_updates_wait_until_they_are_resumed(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    expect(rows(page).first).to_be_visible()
    page.keyboard.press("p")

    name = alert_somebody(site)
    expect(page.get_by_role("button", name="1 new alert")).to_be_visible()
    expect(rows(page).filter(has_text=name)).to_have_count(0)
    page.get_by_role("button", name="Resume updates").click()

    expect(rows(page).filter(has_text=name)).to_be_visible()


@pytest.mark.long
def test_the_focus_stays_where_it_is_while_updates_come(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    name = alert_somebody(site)
    expect(rows(page).filter(has_text=name)).to_be_visible()
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")
    active = page.locator("[data-active=true] bdi").inner_text()

    site.post(name, ["one more"] * 3)
    alert_somebody(site)
    expect(page.get_by_role("button", name="1 new alert")).to_be_visible()

    expect(page.get_by_role("listbox")).to_be_focused()
    assert page.locator("[data-active=true] bdi").inner_text() == active


def test_keys_alone_lead_from_the_form_to_a_label(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    risk = page.get_by_role("tab", name=re.compile("^Risk")).locator(".tab-count")
    expect(rows(page).first).to_be_visible()
    before = tab_count(page, "Risk")

    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('role')") == "listbox":
            break
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".post").first).to_be_visible()
    page.keyboard.press("r")

    expect(risk).to_have_text(str(before + 1))
