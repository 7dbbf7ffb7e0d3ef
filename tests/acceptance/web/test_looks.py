"""Every view at every width, light and dark: nobody kept out, nothing cut off, said what it is."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.screening_site import PASSWORD, Site
from tests.acceptance.web.test_alert_stories import open_first

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def views(page: Page, site: Site) -> Iterator[str]:
    """Open one view after the other, and name it."""
    expect(page.get_by_role("option").first).to_be_visible()
    yield "alerts"
    user = open_first(page)
    yield "an alert"
    for view in (
        "datasets",
        "statistics",
        "topology",
        "topology/alert_manager",
        "users",
        f"users/{user}",
        "audit",
    ):
        page.goto(f"{site.address}/#/{view}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        yield view.partition("/user")[0]
    page.get_by_role("button", name="Account and settings").click()
    yield "settings"


def violations(page: Page, axe: str) -> list[dict[str, Any]]:
    # Run by the debugger, so that the page's policy need not let it in.
    page.evaluate(axe)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    return [
        {"rule": each["id"], "where": [node["target"] for node in each["nodes"]][:3]}
        for each in found["violations"]
    ]


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (320, "dark"),
        pytest.param(1280, "light", marks=pytest.mark.long),
        pytest.param(2560, "dark", marks=pytest.mark.long),
    ],
)
def test_every_view_is_open_to_everybody(
    site: Site, open_page: OpenPage, axe: str, width: int, scheme: str
) -> None:
    page = open_page(site, viewport={"width": width, "height": 900}, color_scheme=scheme)

    for view in views(page, site):
        assert violations(page, axe) == [], view
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, view
        expect(page.get_by_text("Supports experts. Decides nothing about a person.")).to_be_in_viewport()


def test_every_way_to_go_is_named_on_a_narrow_page(site: Site, open_page: OpenPage) -> None:
    page = open_page(site, None, viewport={"width": 320, "height": 700}, locale="es-ES")
    page.get_by_label("Nombre").fill("administrator")
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")

    names = page.get_by_role("navigation").locator("a span")

    expect(names).to_have_text(
        ["Alertas", "Temas", "Datos", "Estadísticas", "Topología", "Usuarios", "Registro"]
    )
    assert [each for each in names.all() if each.evaluate("it => it.scrollWidth > it.clientWidth")] == []


def test_the_form_is_open_to_everybody(site: Site, open_page: OpenPage, axe: str) -> None:
    page = open_page(site, None, viewport={"width": 320, "height": 700})
    expect(page.get_by_label("Name")).to_be_focused()

    assert violations(page, axe) == []
    expect(page.get_by_text("Supports experts. Decides nothing about a person.")).to_be_in_viewport()
