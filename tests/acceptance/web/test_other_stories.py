"""Datasets, statistics, topology, users, languages and roles, in a real browser on the running screening."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from catenae.brokers import open_broker
from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.screening_site import Site
from tests.acceptance.web.test_alert_stories import alert_somebody, open_first, rows
from tests.patience import until

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]


@pytest.mark.parametrize(
    "format_name",
    ["JSON Lines", *(pytest.param(each, marks=pytest.mark.long) for each in ("CSV", "eRisk XML"))],
)
def test_a_dataset_is_downloaded(site: Site, open_page: OpenPage, format_name: str) -> None:
    page = open_page(site, "curator")
    user = open_first(page)
    page.keyboard.press("r")
    expect(page.locator("#alert-title")).not_to_have_text(user)

    page.get_by_role("link", name="Datasets").click()
    page.get_by_role("radio", name=re.compile(f"^{format_name}")).check()
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download {format_name}: Risk").click()

    content = Path(download.value.path()).read_bytes()
    assert len(content) > 100
    assert user.encode() not in content


def test_statistics_count_what_is_screened(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    page.get_by_role("link", name="Statistics").click()
    posts = page.locator(".totals dd").first
    expect(posts).to_have_text(re.compile(r"\d"))
    before = int(posts.inner_text().replace(",", ""))

    site.post("somebody", ["a walk in the rain"] * 5)

    expect(posts).to_have_text(f"{before + 5:,}")
    expect(page.get_by_role("row", name=re.compile("^alert_manager"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Messages waiting of alert_manager"))).to_be_visible()


def test_the_topology_shows_a_node(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    page.get_by_role("link", name="Topology").click()

    page.get_by_role("link", name=re.compile("^text_vectoriser")).click()

    panel = page.get_by_role("region", name="text_vectoriser")
    expect(panel).to_contain_text("services.depression.text_vectoriser:TextVectoriser")
    expect(panel).to_contain_text("1 of 1")
    expect(panel.get_by_text("text_counts")).to_be_visible()


def test_a_node_is_paused_and_goes_on(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "administrator")
    page.get_by_role("link", name="Topology").click()
    page.get_by_role("link", name=re.compile("^text_vectoriser")).click()
    panel = page.get_by_role("region", name="text_vectoriser")
    panel.get_by_role("button", name="Pause …").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("1 instance finishes the batch in hand")
    asked.get_by_label("For at most").select_option("10 minutes")
    asked.get_by_label("Why?").fill("a trial")
    asked.get_by_role("button", name="Pause", exact=True).click()

    expect(page.locator(".notice")).to_contain_text("text_vectoriser is paused.")
    expect(panel).to_contain_text("Paused until")
    panel.get_by_role("button", name="Go on …").click()
    asked.get_by_label("Why?").fill("enough")
    asked.get_by_role("button", name="Go on", exact=True).click()

    expect(page.locator(".notice")).to_contain_text("text_vectoriser goes on.")
    expect(panel.get_by_role("button", name="Pause …")).to_be_visible()
    expect(panel).not_to_contain_text("Paused until")


def dead_letters(site: Site) -> int:
    """Return how many texts have been set aside."""
    with closing(open_broker(f"embedded:{site.folder / 'log'}")) as broker:
        return sum(span.end for span in broker.spans("texts.dead"))


def test_dead_letters_are_read_and_replayed(site: Site, open_page: OpenPage) -> None:
    before = dead_letters(site)
    site.post("somebody", ["When was that?"], created_utc="never")
    until(lambda: dead_letters(site) > before)
    page = open_page(site, "administrator")
    page.get_by_role("link", name="Topology").click()
    letters = page.get_by_role("region", name="texts", exact=True)

    letters.get_by_role("button", name="Read").click()
    expect(letters.locator(".letter").first).to_contain_text("partition")
    letters.get_by_label("Show keys and values").check()
    expect(letters.get_by_text("Value").first).to_be_visible()
    letters.get_by_role("button", name="Replay").click()
    page.get_by_role("dialog").get_by_role("button", name="Replay").click()

    expect(page.locator(".notice")).to_contain_text(re.compile(r"\d+ letters replayed"))


def test_a_user_is_found_and_forgotten(site: Site, open_page: OpenPage) -> None:
    name = alert_somebody(site)
    page = open_page(site, "administrator")
    expect(rows(page).filter(has_text=name)).to_be_visible()
    page.get_by_role("link", name="Users").click()
    page.get_by_role("searchbox").fill(name[:-1])
    page.get_by_role("link", name=re.compile(f"^{name} ")).click()
    expect(page.locator(".post").first).to_be_visible()

    page.get_by_role("button", name="Forget this user").click()
    forget = page.get_by_role("button", name="Forget for ever")
    expect(forget).to_be_disabled()
    page.get_by_label("Type the user's name to confirm").fill(name)
    forget.click()
    # Where it is done at once, there is nobody left to say it of.
    told = re.compile(r"^(Being forgotten|Forgotten|Nothing is known of this user\.)$")
    expect(page.get_by_text(told).locator("visible=true").first).to_be_visible()

    page.get_by_role("link", name="Alerts").click()
    expect(rows(page).filter(has_text=name)).to_have_count(0)


@pytest.mark.long
def test_everything_known_of_a_user_is_downloaded(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "administrator")
    user = open_first(page)

    page.get_by_role("link", name="Everything known of this user").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download everything known").click()

    assert user.encode() in Path(download.value.path()).read_bytes()


def test_who_looked_at_a_user_is_found_in_the_audit_log(site: Site, open_page: OpenPage) -> None:
    user = open_first(open_page(site, "reviewer"))
    page = open_page(site, "administrator", f"/#/users/{user}")
    page.get_by_role("link", name="Who looked").click()
    entries = page.get_by_role("region", name="Acts").get_by_role("listitem")
    expect(entries.filter(has_text="administrator").first).to_be_visible()

    page.get_by_label("Account", exact=True).fill("reviewer")
    page.get_by_role("combobox", name="Act").select_option("looked at an alert")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(entries.filter(has_text="administrator")).to_have_count(0)
    expect(entries.first).to_contain_text("looked at an alert")
    expect(entries.filter(has_text=user)).to_have_count(0)


def test_nobody_is_named_in_a_log(site: Site, open_page: OpenPage) -> None:
    user = open_first(open_page(site, "administrator"))

    logs = "".join(each.read_text("utf-8") for each in (site.folder / "logs").rglob("*") if each.is_file())

    assert "api listening" in logs
    assert user not in logs


def test_a_reviewer_is_offered_nothing_beyond_the_role(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    user = open_first(page)

    expect(page.get_by_role("link", name=re.compile("Datasets|Audit"))).to_have_count(0)
    page.get_by_role("link", name="Topology").click()
    expect(page.get_by_text("Administrators can read and replay them.")).to_be_visible()
    page.goto(f"{site.address}/#/users/{user}")
    expect(page.locator(".post").first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Forget"))).to_have_count(0)


def test_the_page_speaks_spanish_and_remembers_it(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    page.get_by_role("button", name="Account and settings").click()
    page.get_by_role("radio", name="Español").check()

    page.reload()

    expect(page.get_by_role("heading", name="Alertas")).to_be_visible()
    expect(page.get_by_text("No decide nada sobre nadie.")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "es")


@pytest.mark.long
def test_light_and_dark_follow_the_switch(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer", color_scheme="light")
    grounds = []
    page.get_by_role("button", name="Account and settings").click()

    for theme in ("System", "Dark", "Light"):
        page.get_by_role("radio", name=theme).check()
        grounds.append(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))

    assert grounds[0] == grounds[2] != grounds[1]


@pytest.mark.long
def test_a_session_that_ends_elsewhere_ends_here_too(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, "reviewer")
    expect(page.locator(".connection")).to_have_text("Live")

    page.request.delete(f"{site.address}/api/v1/session", headers={"Origin": site.address})

    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    assert page.locator(".row").count() == 0


@pytest.mark.long
def test_who_may_sign_in_elsewhere_is_led_there(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, None)
    page.route(
        "**/api/v1/sign-in",
        lambda route: route.fulfill(json={"password": False, "oidc": "/api/v1/sign-in/oidc"}),
    )
    page.route("**/api/v1/sign-in/oidc", lambda route: route.fulfill(body="the organisation's page"))
    page.reload()
    expect(page.get_by_label("Password", exact=True)).to_have_count(0)

    page.get_by_role("link", name="Sign in with your organisation").click()

    expect(page.get_by_text("the organisation's page")).to_be_visible()
