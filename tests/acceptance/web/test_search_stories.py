"""What is asked for and what has come meanwhile is what is shown, never an answer from before."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from catenae import open_documents
from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.crowd import alerts_of, course_of
from tests.acceptance.web.screening_site import Site

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

# The post that raised each is gone, so that what is read of a chart is the end of its line.
ALERTS = [{**each, "opened_by": "gone"} for each in alerts_of(3)]
SOMEBODY = ALERTS[0]["user"]


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("few")
    running = Site.of_documents(folder, {"alerts": ALERTS, **course_of(SOMEBODY, posts=5)})
    yield running
    running.stop()


def test_a_search_after_one_without_a_hit_finds(few: Site, open_page: OpenPage) -> None:
    page = open_page(few, path="/#/users")
    page.get_by_role("searchbox").fill("unknown")
    expect(page.get_by_text("No user's name begins like this.")).to_be_visible()

    page.get_by_role("searchbox").fill(SOMEBODY[:5])

    expect(page.get_by_role("link", name=SOMEBODY)).to_be_visible()


def test_the_reading_of_the_chart_follows_its_line(few: Site, open_page: OpenPage) -> None:
    page = open_page(few, path=f"/#/alerts/{SOMEBODY}")
    expect(page.locator(".chart-value strong")).to_have_text("60%")

    with closing(open_documents(f"sqlite:{few.folder / 'documents.sqlite'}")) as documents:
        now_ms = int(1000 * time.time())
        later = {"updated_utc": now_ms // 1000 + 60, "probability": 0.913, "changed_ms": now_ms}
        documents.merge("alerts", [{"id": SOMEBODY, **later}])

    expect(page.locator(".chart-value strong")).to_have_text("91%")


@pytest.mark.long
def test_tab_order_and_place_survive_the_way_back_and_a_reload(few: Site, open_page: OpenPage) -> None:
    page = open_page(few)
    page.get_by_label("Highest probability").check()
    page.get_by_label("Hidden").check()
    page.get_by_label("Hidden").uncheck()
    page.get_by_role("option").filter(has_text=SOMEBODY).click()
    page.get_by_role("link", name="Everything known of this user").click()
    expect(page.locator("#user-title")).to_be_visible()

    page.go_back()
    expect(page.locator("#alert-title")).to_have_text(SOMEBODY)
    expect(page.get_by_label("Highest probability")).to_be_checked()
    page.reload()

    expect(page.get_by_label("Highest probability")).to_be_checked()
    expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text(SOMEBODY)


@pytest.mark.long
def test_a_search_stands_in_the_address(few: Site, open_page: OpenPage) -> None:
    page = open_page(few, path="/#/users")
    page.get_by_role("searchbox").fill(SOMEBODY)
    page.get_by_role("link", name=SOMEBODY).click()

    page.reload()

    expect(page.get_by_role("searchbox")).to_have_value(SOMEBODY)
