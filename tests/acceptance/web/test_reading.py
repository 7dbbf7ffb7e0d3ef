"""A case is read to the reason of its alert, however much its person has written."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.crowd import alerts_of, course_of
from tests.acceptance.web.screening_site import Site

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

POSTS = 2500
(MUCH,) = alerts_of(1)
USER = MUCH["user"]
TRIGGER = f"t1_{USER}1900"


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    alert = {**MUCH, "opened_by": TRIGGER}
    documents = {"alerts": [alert], **course_of(USER, POSTS)}
    running = Site.of_documents(tmp_path_factory.mktemp("wordy"), documents)
    yield running
    running.stop()


def opened(site: Site, open_page: OpenPage) -> Page:
    page = open_page(site, "reviewer", f"/#/alerts/{USER}")
    expect(page.locator(".post").first).to_be_visible()
    return page


def test_the_post_that_opened_the_alert_is_gone_to(wordy: Site, open_page: OpenPage) -> None:
    page = opened(wordy, open_page)

    page.get_by_role("button", name="Go to the post that opened the alert").click()

    post = page.locator(f"[data-post={TRIGGER}]")
    expect(post).to_be_in_viewport()
    expect(post).to_be_focused()
    expect(post).to_contain_text("Opened the alert")


def test_a_point_of_the_chart_leads_to_its_post_and_stays(wordy: Site, open_page: OpenPage) -> None:
    page = opened(wordy, open_page)
    chart = page.locator(".chart-place .u-over")
    box = chart.bounding_box()
    assert box is not None

    chart.click(position={"x": box["width"] * 0.3, "y": box["height"] / 2})

    expect(page.locator("[data-wanted=true]")).to_be_in_viewport()
    reading = page.locator(".chart-value").inner_text()
    page.get_by_role("heading", name="Alerts").hover()
    assert page.locator(".chart-value").inner_text() == reading


def test_posts_are_read_from_a_date_back(wordy: Site, open_page: OpenPage) -> None:
    page = opened(wordy, open_page)

    page.get_by_label("From a date back").fill("2020-01-01")
    expect(page.get_by_text("No posts are stored.")).to_be_visible()
    page.get_by_role("button", name="From the newest").click()

    expect(page.locator(f"[data-post=t1_{USER}0]")).to_be_visible()
