"""A case is read to the reason of its alert, however much its person has written."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.crowd import alerts_of, course_of
from tests.acceptance.web.screening_site import Site

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

POSTS = 10_000
# Of all that is on the page, at any moment.
MOST_NODES = 5000
(MUCH,) = alerts_of(1)
USER = MUCH["user"]
TRIGGER = f"t1_{USER}1900"


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    alert = {**MUCH, "opened_by": TRIGGER}
    course = course_of(USER, POSTS)
    posts = [*course["posts"][:-1], {**course["posts"][-1], "body": "a walk to the lighthouse"}]
    documents = {"alerts": [alert], **course, "posts": posts}
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


@pytest.mark.long
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


def test_a_long_history_keeps_no_more_on_the_page_than_is_near(wordy: Site, open_page: OpenPage) -> None:
    page = opened(wordy, open_page)
    page.get_by_label("Order", exact=True).last.select_option(label="Newest first")
    expect(page.locator(f"[data-post=t1_{USER}0]")).to_be_visible()

    for read in range(100, 1001, 100):
        last = page.locator(f"[data-post=t1_{USER}{read}]")
        while last.count() == 0:
            page.get_by_role("button", name="Show more").scroll_into_view_if_needed()
        assert page.evaluate("document.querySelectorAll('*').length") < MOST_NODES

    page.locator(".detail-pane").evaluate("pane => pane.scrollTo(0, 0)")
    expect(page.locator(f"[data-post=t1_{USER}0]")).to_be_in_viewport()


@pytest.mark.long
def test_every_value_of_the_chart_fits_the_page(wordy: Site, open_page: OpenPage) -> None:
    page = opened(wordy, open_page)

    page.get_by_text("Values as a table").click()

    expect(page.get_by_role("cell").first).to_be_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < MOST_NODES


@pytest.mark.long
def test_a_post_is_gone_to_again_after_one_has_read_on(wordy: Site, open_page: OpenPage) -> None:
    page = opened(wordy, open_page)
    to_trigger = page.get_by_role("button", name="Go to the post that opened the alert")
    to_trigger.click()
    post = page.locator(f"[data-post={TRIGGER}]")
    expect(post).to_be_in_viewport()
    page.locator(".detail-pane").evaluate("pane => pane.scrollTo(0, 1e6)")
    expect(post).not_to_be_in_viewport()

    to_trigger.click()

    expect(post).to_be_in_viewport()


@pytest.mark.long
def test_the_reason_quotes_the_post_and_leads_to_it(wordy: Site, open_page: OpenPage) -> None:
    page = opened(wordy, open_page)

    page.get_by_role("button", name="Reached the threshold with").click()

    expect(page.locator(f"[data-post={TRIGGER}]")).to_be_in_viewport()
    expect(page.locator(".reason")).to_contain_text("a walk in the rain")


def test_words_are_found_in_the_whole_history(wordy: Site, open_page: OpenPage) -> None:
    page = opened(wordy, open_page)

    page.get_by_label("Find in these posts").fill("LÍGHTHOUSE")

    expect(page.locator(".post")).to_have_count(1)
    expect(page.locator(".written")).to_have_text("a walk to the lighthouse")


@pytest.mark.long
def test_what_was_found_is_read_with_what_stood_around_it(wordy: Site, open_page: OpenPage) -> None:
    page = opened(wordy, open_page)
    page.get_by_label("Find in these posts").fill("lighthouse")
    expect(page.locator(".post")).to_have_count(1)
    page.get_by_role("button", name="What stood around it").click()
    found = page.locator(f"[data-post=t1_{USER}{POSTS - 1}]")
    expect(found).to_be_in_viewport()

    page.get_by_label("Order", exact=True).last.select_option(label="Oldest first")

    expect(page.locator(f"[data-post=t1_{USER}{POSTS - 2}]")).to_be_visible()
    expect(found).to_be_in_viewport()


def test_a_colleague_sees_who_works_on_a_case_while_somebody_is_there(
    wordy: Site, open_page: OpenPage
) -> None:
    mine = opened(wordy, open_page)
    mine.clock.install()
    mine.reload()
    expect(mine.locator(".post").first).to_be_visible()
    theirs = open_page(wordy, "curator", f"/#/alerts/{USER}")
    expect(theirs.get_by_text("reviewer works on it")).to_be_visible()
    asked: list[str] = []
    mine.on("request", lambda request: asked.append(request.method) if "lease" in request.url else None)

    # A page that nobody looks at asks for nothing by itself: its session is to end.
    mine.clock.run_for(10 * 60_000)
    assert asked == []
    mine.mouse.move(100, 100)
    mine.clock.run_for(61_000)

    assert asked == ["PUT"]


@pytest.mark.long
def test_the_text_comes_first(wordy: Site, open_page: OpenPage) -> None:
    for width, height, least in [(1440, 900, 260), (360, 740, 420)]:
        page = open_page(wordy, "reviewer", f"/#/alerts/{USER}", viewport={"width": width, "height": height})
        expect(page.locator(".written").first).to_be_visible()
        expect(page.locator(".reason")).to_be_visible()

        box = page.locator(".written").first.bounding_box()

        assert box is not None
        assert box["y"] < least, width


def test_on_a_phone_the_list_has_the_page_for_itself_and_is_of_what_is_chosen(
    wordy: Site, open_page: OpenPage
) -> None:
    page = open_page(wordy, "reviewer", "/#/alerts", viewport={"width": 360, "height": 740})
    expect(page.get_by_role("option")).to_have_count(1)
    expect(page.get_by_text("Choose an alert to see why it was raised.")).not_to_be_visible()

    page.get_by_label("Raised since").fill("2999-01-01")
    expect(page).to_have_url(re.compile("since=2999-01-01"))
    expect(page.get_by_role("option")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("option")).to_have_count(0)
    page.get_by_role("button", name="Clear").click()

    expect(page.get_by_role("option")).to_have_count(1)


@pytest.mark.long
def test_posts_are_read_from_a_date_back(wordy: Site, open_page: OpenPage) -> None:
    page = opened(wordy, open_page)

    page.get_by_label("From a date back").fill("2020-01-01")
    expect(page.get_by_text("No posts are stored.")).to_be_visible()
    page.get_by_role("button", name="From the newest").click()

    expect(page.locator(f"[data-post=t1_{USER}0]")).to_be_visible()
