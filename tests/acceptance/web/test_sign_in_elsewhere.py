"""Signing in by OpenID Connect in a real browser, at an issuer of its own on loopback."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.screening_site import Site
from tests.services.api.oidc.local_issuer import CLIENT, SUBJECT, LocalIssuer

SECRET = "a secret of the client"

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]


@pytest.fixture(scope="module")
def serving_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalIssuer]:
    serving = LocalIssuer(tmp_path_factory.mktemp("issuer"))
    yield serving
    serving.close()


@pytest.fixture
def issuer(serving_issuer: LocalIssuer) -> LocalIssuer:
    """Return the issuer, which asks whoever comes to go on."""
    serving_issuer.reset()
    serving_issuer.behaviour.asks = True
    serving_issuer.behaviour.secret = SECRET
    return serving_issuer


@pytest.fixture(scope="module")
def elsewhere(
    chromium: Browser, serving_issuer: LocalIssuer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Return a site where ann signs in at the issuer, configured as an operator does."""
    environment = {
        "CATENAE_OPTION_API_OIDC_ISSUER": serving_issuer.address,
        "CATENAE_OPTION_API_OIDC_CLIENT": CLIENT,
        "SCREENING_OIDC_SECRET": SECRET,
        "SSL_CERT_FILE": str(serving_issuer.certificate),
    }
    running = Site.of_documents(tmp_path_factory.mktemp("elsewhere"), {}, environment)
    running.add_account("ann", "--oidc", SUBJECT, "--issuer", serving_issuer.address)
    yield running
    running.stop()


def sign_in_elsewhere(open_page: OpenPage, site: Site, issuer: LocalIssuer, **options: str) -> Page:
    page = open_page(site, None, beside=issuer.address, ignore_https_errors=True, **options)
    page.locator("a.button").click()
    expect(page).to_have_url(re.compile(f"^{issuer.address}/authorise"))
    page.get_by_role("button", name="Go on").click()
    return page


def test_somebody_signs_in_elsewhere_and_out_again(
    elsewhere: Site, open_page: OpenPage, issuer: LocalIssuer
) -> None:
    page = sign_in_elsewhere(open_page, elsewhere, issuer)

    expect(page.get_by_role("heading", name="Alerts")).to_be_visible()
    expect(page.locator(".connection")).to_have_text("Live")
    page.get_by_role("button", name="Account and settings").click()
    expect(page.get_by_text("ann", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Change password")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.long
def test_a_session_from_elsewhere_is_sent_by_no_other_site(
    elsewhere: Site, open_page: OpenPage, issuer: LocalIssuer
) -> None:
    page = sign_in_elsewhere(open_page, elsewhere, issuer)
    expect(page.get_by_role("heading", name="Alerts")).to_be_visible()

    (cookie,) = page.context.cookies(elsewhere.address)

    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("screening", True, "Strict")


@pytest.mark.parametrize(
    ("locale", "told"),
    [("en-GB", "Ask an administrator whether you have an account."), ("es-ES", "si tiene una cuenta")],
)
def test_who_has_no_account_is_told_so_once(
    locale: str, told: str, elsewhere: Site, open_page: OpenPage, issuer: LocalIssuer
) -> None:
    issuer.behaviour.subject = "somebody"

    page = sign_in_elsewhere(open_page, elsewhere, issuer, locale=locale)

    expect(page.get_by_role("alert").get_by_text(told)).to_be_visible()
    page.reload()
    expect(page.locator("a.button")).to_be_visible()
    expect(page.get_by_text(told)).to_have_count(0)


@pytest.mark.long
def test_an_issuer_that_fails_is_told_on_the_page(
    elsewhere: Site, open_page: OpenPage, issuer: LocalIssuer
) -> None:
    issuer.behaviour.answers["/token"] = (503, {}, b"")

    page = sign_in_elsewhere(open_page, elsewhere, issuer)

    expect(page.get_by_text("Your organisation's sign-in does not answer as it should.")).to_be_visible()
