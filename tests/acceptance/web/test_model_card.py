"""Which models there are and what is to be known of each, in a real browser."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from services.depression.model.artefact import Model, save_model
from services.depression.model.certainty import Certainty
from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.screening_site import Site
from tests.acceptance.web.test_looks import violations
from tests.services.api.people import alert

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

MODEL = Model(("i", "bet"), np.array([1.0, 1.5]), np.array([0.0, 2.0]), -1.0, 0.4, {"users": 40, "terms": 2})
BETS = replace(MODEL, about="gambling", certainty=Certainty(prior=9, min_posts=4))


@pytest.fixture(scope="module")
def site(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a site of one model in use and another kept beside it."""
    folder = tmp_path_factory.mktemp("models")
    save_model(MODEL, folder / "model")
    save_model(BETS, folder / "models" / "bets")
    chosen = {"CATENAE_OPTION_API_MODEL": str(folder / "model")}
    site = Site.of_documents(folder, {"alerts": [alert("ann")]}, chosen)
    yield site
    site.stop()


@pytest.mark.parametrize("width", [320, 1280])
def test_somebody_reads_the_card_of_a_model(site: Site, open_page: OpenPage, axe: str, width: int) -> None:
    page = open_page(site, viewport={"width": width, "height": 800})
    page.get_by_role("button", name="Account and settings").click()
    of_bets = page.locator(".menu-versions div").filter(has_text=BETS.version)
    expect(page.locator(".menu-versions").get_by_text("in use")).to_have_count(1)

    of_bets.get_by_role("button", name="Model card").click()

    card = page.get_by_role("dialog", name="Model card")
    expect(card).to_contain_text(f"Model {BETS.version}: signs of gambling")
    expect(card).to_contain_text("An alert from p = 0.4 on, after 4 posts or more")
    expect(card).to_contain_text("Known failures, and what it is not for")
    assert violations(page, axe) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
