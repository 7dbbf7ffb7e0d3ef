"""A blind project in a real browser: the text before the score, the score after the first answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from catenae import Document
from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.crowd import alerts_of, course_of
from tests.acceptance.web.screening_site import Site

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

# Of nobody's score but hers.
SCORE = 0.7654321
ALERTS = alerts_of(3)
USER = max(ALERTS, key=lambda alert: alert["raised_ms"])["user"]


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    course: Any = course_of(USER, 30)
    scored = {"user_probability": SCORE, "post_probability": SCORE}
    documents: dict[str, list[Document]] = {
        **course,
        "alerts": [{**alert, "probability": SCORE, "peak_probability": SCORE} for alert in ALERTS],
        "probabilities": [{**each, **scored} for each in course["probabilities"]],
    }
    folder = tmp_path_factory.mktemp("blind")
    running = Site.of_documents(folder, documents, {"CATENAE_OPTION_API_BLIND": "true"})
    yield running
    running.stop()


def heard(page: Page) -> list[str]:
    """Return what the page is answered and told from now on."""
    told: list[str] = []

    def hear(answer: Response) -> None:
        if "/api/" in answer.url:
            told.append(answer.text())

    page.on("response", hear)
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: told.append(str(frame))))
    return told


def test_the_score_is_there_after_the_first_answer_and_not_before(blind: Site, open_page: OpenPage) -> None:
    page = open_page(blind, "reviewer")
    expect(page.get_by_role("option").first).to_be_visible()
    told = heard(page)
    page.reload()
    page.get_by_role("option").filter(has_text=USER).click()
    expect(page.locator(".written").first).to_be_visible()
    expect(page.get_by_text("First look")).to_be_visible()
    assert [each for each in told if str(SCORE) in each] == []
    assert page.locator(".meter, mark, .word, .chart-place, .reason").count() == 0

    page.keyboard.press("n")

    expect(page.locator("#alert-title")).to_have_text(USER)
    expect(page.locator(".standing .meter-value")).to_have_text("77%")
    expect(page.locator(".chart-place")).to_be_visible()
    expect(page.locator(".post mark").first).to_be_visible()


@pytest.mark.long
def test_one_goes_on_to_the_next_and_statistics_tell_of_a_change(blind: Site, open_page: OpenPage) -> None:
    page = open_page(blind, "curator")
    rows = page.get_by_role("option")
    rows.first.click()
    following = rows.nth(1).locator("bdi").inner_text()
    expect(page.get_by_text("First look")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_text("First look")).to_have_count(0)
    page.keyboard.press("r")
    expect(page.get_by_role("button", name="Risk", exact=False, pressed=True)).to_be_visible()

    page.keyboard.press("j")

    expect(page.locator("#alert-title")).to_have_text(following)
    page.goto(f"{blind.address}/#/statistics")
    expect(page.get_by_role("heading", name="First looks without the score")).to_be_visible()
