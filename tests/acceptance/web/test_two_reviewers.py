"""Two people at the same cases, and answers that come late: nobody's word lands on another, or is lost."""

import time
from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import Page, Route, expect

from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.crowd import alerts_of, course_of
from tests.acceptance.web.screening_site import Site
from tests.patience import PATIENCE_S

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

# Each story has people of its own.
ALERTS = sorted(alerts_of(12), key=lambda each: each["user"])
USERS = [each["user"] for each in ALERTS]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    courses = [course_of(user, posts=3) for user in USERS]
    documents = {name: [each for some in courses for each in some[name]] for name in courses[0]}
    running = Site.of_documents(tmp_path_factory.mktemp("shared"), {"alerts": ALERTS, **documents})
    yield running
    running.stop()


def opened(page: Page, site: Site, user: str, chosen: str = "") -> None:
    """Open a case by its address, and wait until it can be acted on."""
    page.goto(f"{site.address}/#/alerts/{user}{chosen}")
    expect(page.locator("#alert-title")).to_have_text(user)
    expect(page.locator(".review-acts")).to_be_visible()


def arrival(page: Page, held: Sequence[Route]) -> Route:
    """Return the first request that is held: the browser tells of it a moment after it was made."""
    ends_s = time.monotonic() + PATIENCE_S
    while not held:
        assert time.monotonic() < ends_s, f"no request was made: {page.inner_text('body')}"
        page.wait_for_timeout(20)
    return held[0]


def test_a_late_answer_leaves_open_what_was_opened_meanwhile(shared: Site, open_page: OpenPage) -> None:
    page = open_page(shared, "reviewer")
    held: list[Route] = []
    opened(page, shared, USERS[0])

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/review", hold)
    # What a page asks for just after that may pass by, unless it is loaded with somebody in between.
    page.reload()
    expect(page.locator(".review-acts")).to_be_visible()
    page.keyboard.press("r")
    expect(page.locator(".review-acts")).to_have_attribute("aria-busy", "true")

    other = page.get_by_role("option").filter(has_text=USERS[1])
    other.click()
    expect(page.locator("#alert-title")).to_have_text(USERS[1])
    arrival(page, held).continue_()

    expect(page.locator(".notice")).to_contain_text(f"{USERS[0]}: risk.")
    expect(page.locator("#alert-title")).to_have_text(USERS[1])
    expect(page.get_by_text("Not reviewed yet")).to_be_visible()


def test_who_is_overtaken_is_told_by_whom(shared: Site, open_page: OpenPage) -> None:
    late, fast = open_page(shared, "reviewer"), open_page(shared, "curator")
    opened(late, shared, USERS[2])
    late.keyboard.press("p")
    opened(fast, shared, USERS[2])
    fast.keyboard.press("n")
    expect(fast.locator(".notice")).to_contain_text("no risk.")

    late.keyboard.press("r")

    expect(late.locator(".notice")).to_contain_text("curator was faster and said “No risk”.")
    expect(late.locator("#alert-title")).to_have_text(USERS[2])
    expect(late.locator(".review-state")).to_contain_text("No risk, by curator")


def test_a_third_person_decides_what_two_dispute(shared: Site, open_page: OpenPage) -> None:
    for role, key in (("reviewer", "r"), ("curator", "n")):
        page = open_page(shared, role)
        opened(page, shared, USERS[3])
        page.keyboard.press(key)
        expect(page.locator(".notice")).to_be_visible()
    third = open_page(shared, "administrator")
    third.get_by_role("tab", name="Disputed").click()
    third.get_by_role("option").filter(has_text=USERS[3]).click()
    expect(third.locator(".review-state li")).to_have_count(2)

    third.get_by_role("button", name="Decide: Risk").click()

    expect(third.locator(".notice")).to_contain_text(f"{USERS[3]}: decided, risk.")
    third.keyboard.press("2")
    expect(third.get_by_role("option").filter(has_text=USERS[3])).to_be_visible()


@pytest.mark.long
def test_a_verdict_takes_along_how_sure_one_is_and_why(shared: Site, open_page: OpenPage) -> None:
    page = open_page(shared, "reviewer")
    opened(page, shared, USERS[4])
    page.get_by_text("How sure, and why").click()
    page.get_by_label("How sure").select_option("2")
    page.get_by_label("Note").fill("speaks of somebody else")

    page.get_by_role("button", name="Unsure").click()
    expect(page.locator(".notice")).to_contain_text(f"{USERS[4]}: unsure.")

    opened(page, shared, USERS[4])
    expect(page.locator(".review-state")).to_contain_text("Unsure, by reviewer")
    expect(page.locator(".review-state")).to_contain_text("2 of 5 sure")
    expect(page.locator(".review-note")).to_have_text("speaks of somebody else")


@pytest.mark.long
def test_any_act_of_a_session_is_undone(shared: Site, open_page: OpenPage) -> None:
    page = open_page(shared, "reviewer")
    for user in USERS[5:7]:
        # From elsewhere: a case that has opened by itself takes no key in its first half second.
        page.goto(f"{shared.address}/#/users")
        expect(page.locator("#alert-title")).to_have_count(0)
        opened(page, shared, user)
        page.keyboard.press("r")
        expect(page.locator(".notice")).to_contain_text(f"{user}: risk.")
    page.get_by_role("button", name="Your acts").click()

    first = page.get_by_role("dialog").get_by_role("listitem").filter(has_text=USERS[5])
    first.get_by_role("button", name="Undo").click()
    expect(first).to_have_count(0)
    page.keyboard.press("Escape")

    expect(page.locator("#alert-title")).to_have_text(USERS[5])
    expect(page.get_by_text("Not reviewed yet")).to_be_visible()


@pytest.mark.long
def test_a_second_click_takes_nothing_back(shared: Site, open_page: OpenPage) -> None:
    page = open_page(shared, "reviewer")
    # Not in the list that is shown, so that it stays open.
    opened(page, shared, USERS[7], "?tab=no_risk")

    page.locator(".button-risk").dblclick()

    expect(page.locator(".review-state")).to_contain_text("Risk, by reviewer")


@pytest.mark.long
def test_hiding_asks_for_a_reason(shared: Site, open_page: OpenPage) -> None:
    page = open_page(shared, "reviewer")
    opened(page, shared, USERS[8])
    page.keyboard.press("h")
    expect(page.get_by_role("dialog")).to_contain_text(f"Hide {USERS[8]}?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()

    page.get_by_role("combobox", name="Reason").fill("Too little text")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text(f"{USERS[8]}: hidden.")

    opened(page, shared, USERS[8])
    expect(page.locator(".review-state")).to_contain_text("Too little text")
