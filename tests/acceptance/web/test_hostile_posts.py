"""What anybody may have written is shown as text, runs nothing, and breaks nothing around it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.screening_site import Site

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

AUTHOR = "<img src=x onerror=alert(1)/>"
MARKUP = "<script>alert(1)</script><style>*{display:none}</style><iframe src=javascript:alert(1)></iframe>"
BACKWARDS = "\u202eright to left\u2066 never closed \u05d0\u05d1\u05d2"
CONTROLS = "nul \x00 bell \x07 escape \x1b[31m end"
LONG = "zzyzx " * 175_000  # a little over a megabyte, of a word that no model knows
UNBROKEN = "x" * 20_000


@pytest.fixture(scope="module")
def page_of_hostile(site: Site) -> str:
    """Have the worst author write what raises an alert; return the address of its page."""
    worst = [MARKUP, BACKWARDS, CONTROLS, LONG, UNBROKEN]
    # The script of a link is in the field that says where a post is.
    site.post(AUTHOR, [*site.texts_of_most_probable(), *worst], permalink="javascript:alert(1)")
    return "/#/alerts/" + "".join(f"%{byte:02X}" for byte in AUTHOR.encode())


@pytest.fixture
def page(site: Site, open_page: OpenPage, page_of_hostile: str) -> Page:
    opened = open_page(site, "administrator")
    expect(opened.get_by_role("option").filter(has_text="onerror")).to_be_visible()
    opened.on("dialog", lambda _: pytest.fail("a script of a post ran"))
    opened.goto(f"{site.address}{page_of_hostile}")
    expect(opened.locator(".post").first).to_be_visible()
    return opened


def load_all(page: Page) -> None:
    """Scroll until there is nothing more to load."""
    end = page.get_by_text("That was all.")
    for _ in range(200):
        page.locator(".detail-pane").evaluate("pane => pane.scrollTo(0, pane.scrollHeight)")
        if end.count():
            return
        page.wait_for_timeout(50)
    raise AssertionError("the posts have no end")


def test_markup_is_shown_as_it_was_written(page: Page) -> None:
    load_all(page)

    expect(page.locator("#alert-title")).to_have_text(AUTHOR)
    expect(page.locator(".written", has_text=MARKUP)).to_have_count(1)
    assert page.locator("main img, main iframe, main style, main script").count() == 0


def test_a_link_that_is_a_script_is_no_link(page: Page) -> None:
    load_all(page)

    assert page.locator(".post a").count() == 0


@pytest.mark.long
def test_control_characters_are_seen(page: Page) -> None:
    load_all(page)

    expect(page.locator(".written", has_text="nul \u2400 bell \u2407 escape \u241b[31m end")).to_have_count(1)


@pytest.mark.long
def test_a_direction_ends_with_its_post(page: Page) -> None:
    load_all(page)
    post = page.locator(".written", has_text="right to left")

    assert post.evaluate("post => getComputedStyle(post).unicodeBidi") == "isolate"
    assert page.locator(".post-facts").first.evaluate("facts => getComputedStyle(facts).direction") == "ltr"


def test_a_megabyte_is_cut_until_it_is_asked_for(page: Page) -> None:
    load_all(page)
    cut = page.locator(".post", has_text="characters shown").filter(has_text="zzyzx zzyzx zzyzx")
    post = page.locator(f"[data-post='{cut.first.get_attribute('data-post')}']")

    assert len(post.locator(".written").text_content() or "") <= 2000
    post.get_by_role("button", name="Show all of it").click()
    expect(post.locator(".written")).to_have_text(re.compile("^(zzyzx ){1000}"))
    assert len(post.locator(".written").text_content() or "") > 1_000_000
    page.keyboard.press("j")
    expect(page.locator("#alert-title")).not_to_have_text(AUTHOR)


@pytest.mark.long
def test_no_text_makes_the_page_wider(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.reload()
    load_all(page)

    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert page.locator(".detail-pane").evaluate("pane => pane.scrollWidth <= pane.clientWidth")
