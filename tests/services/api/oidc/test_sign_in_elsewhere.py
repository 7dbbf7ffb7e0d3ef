"""Signing in by OpenID Connect: the way there and back, whom it lets in, and whom not."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.testclient import TestClient

from catenae.testing import FakeClock
from services.api.answers import Role
from services.api.collaborators import Collaborators
from services.api.origin import ARRIVAL, DEPARTURE
from services.api.sign_in.accounts import Identity
from services.api.sign_in.throttle import FREE_BY_ADDRESS
from tests.services.api.oidc.conftest import FROM_ELSEWHERE, SignIn, come_back, leave
from tests.services.api.oidc.local_issuer import SUBJECT, LocalIssuer
from tests.services.api.people import ORIGIN, SAME_HOST

SESSION = "/api/v1/session"
REFUSED = "/#/sign-in/refused"
TRY = "screening-attempt"


@pytest.mark.usefixtures("ann")
def test_who_has_an_account_signs_in(browser: TestClient, sign_in: SignIn) -> None:
    answer = sign_in(browser)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (cookie,) = (each.lower() for each in answer.headers.get_list("set-cookie") if TRY not in each)
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in cookie.split(";")}
    session = browser.get(SESSION).json()
    assert (session["name"], session["role"], session["has_password"]) == ("ann", "curator", False)


@pytest.mark.usefixtures("ann")
def test_a_role_comes_from_the_account_and_never_from_the_token(
    browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer
) -> None:
    local_issuer.behaviour.claims = {"role": "administrator", "roles": ["administrator"]}

    sign_in(browser)

    assert browser.get(SESSION).json()["role"] == "curator"


def test_who_has_no_account_is_refused_as_anybody_else(
    browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer
) -> None:
    unknown = sign_in(browser)
    local_issuer.behaviour.token = "no token"
    nobody = sign_in(browser)

    assert unknown.headers["location"] == nobody.headers["location"] == REFUSED
    assert unknown.content == nobody.content
    assert browser.get(SESSION).status_code == 401


@pytest.mark.usefixtures("ann")
def test_who_may_sign_in_no_more_is_refused(
    browser: TestClient, sign_in: SignIn, here: Collaborators
) -> None:
    here.accounts.set_disabled("ann", is_disabled=True)

    assert sign_in(browser).headers["location"] == REFUSED
    assert browser.get(SESSION).status_code == 401


def test_the_same_subject_of_another_issuer_is_somebody_else(
    browser: TestClient, sign_in: SignIn, here: Collaborators
) -> None:
    here.accounts.add("bob", Role.CURATOR, Identity("https://login.example", SUBJECT), 0)

    assert sign_in(browser).headers["location"] == REFUSED


@pytest.mark.usefixtures("ann")
def test_every_sign_in_elsewhere_is_in_the_log(
    browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer, administrator: TestClient
) -> None:
    sign_in(browser)
    local_issuer.behaviour.subject = "somebody"
    sign_in(browser)
    come_back(browser, ARRIVAL)

    events = administrator.get("/api/v1/audit").json()["items"]
    found = [(event["action"], event["account"], event["detail"].get("subject")) for event in events]
    assert found[1:4] == [
        ("sign-in failed", "", None),
        ("sign-in failed", "", "somebody"),
        ("sign-in", "ann", None),
    ]


def test_a_try_is_known_to_its_browser_alone_and_not_for_long(browser: TestClient) -> None:
    cookie = browser.get(DEPARTURE).headers["set-cookie"].lower()

    told = {part.strip() for part in cookie.split(";")}
    assert {"httponly", "samesite=lax", "path=/", "max-age=600"} <= told


@pytest.mark.usefixtures("ann")
def test_a_try_of_another_browser_is_refused(browser: TestClient, local_issuer: LocalIssuer) -> None:
    back = local_issuer.visit(leave(browser))
    browser.cookies.clear()
    leave(browser)

    assert come_back(browser, back).headers["location"] == REFUSED
    assert local_issuer.asked["/token"] == 0


@pytest.mark.usefixtures("ann")
def test_a_browser_without_a_try_is_refused(browser: TestClient, local_issuer: LocalIssuer) -> None:
    for token in (None, ""):
        back = local_issuer.visit(leave(browser))
        browser.cookies.clear()
        headers = FROM_ELSEWHERE if token is None else {**FROM_ELSEWHERE, "Cookie": f"{TRY}={token}"}

        assert browser.get(back, headers=headers).headers["location"] == REFUSED
    assert local_issuer.asked["/token"] == 0


@pytest.mark.usefixtures("ann")
def test_a_try_is_over_once_it_is_back(browser: TestClient, local_issuer: LocalIssuer) -> None:
    back = local_issuer.visit(leave(browser))
    token = browser.cookies[TRY]
    come_back(browser, back)
    assert TRY not in browser.cookies

    browser.cookies.clear()
    browser.cookies.set(TRY, token)

    assert come_back(browser, back).headers["location"] == REFUSED
    assert local_issuer.asked["/token"] == 2


@pytest.mark.usefixtures("ann")
def test_a_code_of_another_try_is_worth_nothing(browser: TestClient, local_issuer: LocalIssuer) -> None:
    (stolen,) = parse_qs(urlsplit(local_issuer.visit(leave(browser))).query)["code"]
    browser.cookies.clear()
    (state,) = parse_qs(urlsplit(leave(browser)).query)["state"]

    answer = come_back(browser, f"{ARRIVAL}?{urlencode({'code': stolen, 'state': state})}")

    assert answer.headers["location"] == REFUSED
    assert local_issuer.asked["/token"] == 1


@pytest.mark.usefixtures("ann")
def test_who_does_not_agree_at_the_issuer_is_refused(browser: TestClient, local_issuer: LocalIssuer) -> None:
    (state,) = parse_qs(urlsplit(leave(browser)).query)["state"]

    answer = come_back(browser, f"{ARRIVAL}?{urlencode({'error': 'access_denied', 'state': state})}")

    assert answer.headers["location"] == REFUSED
    assert TRY not in browser.cookies
    assert local_issuer.asked["/token"] == 0


@pytest.mark.usefixtures("ann")
def test_signing_in_elsewhere_ends_the_session_before(
    browser: TestClient, sign_in: SignIn, here: Collaborators
) -> None:
    sign_in(browser)
    sign_in(browser)

    assert here.documents.count("sessions") == 1


@pytest.mark.usefixtures("ann")
def test_who_is_refused_again_and_again_has_to_wait(
    browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer, clock: FakeClock
) -> None:
    local_issuer.behaviour.token = "no token"
    for _ in range(FREE_BY_ADDRESS + 1):
        assert sign_in(browser).headers["location"] == REFUSED
    local_issuer.behaviour.token = None
    asked = local_issuer.asked["/token"]

    assert sign_in(browser).headers["location"] == "/#/sign-in/throttled"

    assert local_issuer.asked["/token"] == asked
    clock.advance(60)
    assert sign_in(browser).headers["location"] == "/"


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        (ARRIVAL, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}),
        (ARRIVAL, {**FROM_ELSEWHERE, "Sec-Fetch-Dest": "iframe"}),
        (DEPARTURE, FROM_ELSEWHERE),
        (SESSION, FROM_ELSEWHERE),
    ],
)
def test_another_site_leads_only_a_person_and_only_back(
    browser: TestClient, address: str, headers: dict[str, str]
) -> None:
    assert browser.get(address, headers=headers).status_code == 403


@pytest.mark.parametrize("origin", [ORIGIN, SAME_HOST])
def test_a_browser_comes_back_to_the_host_that_it_left(origin: str, browser: TestClient) -> None:
    answer = browser.get(f"{origin}{DEPARTURE}")

    (back,) = parse_qs(urlsplit(answer.headers["location"]).query)["redirect_uri"]
    assert back == f"{origin}{ARRIVAL}"


@pytest.mark.usefixtures("ann")
def test_nobody_is_led_to_an_address_that_was_given(browser: TestClient, local_issuer: LocalIssuer) -> None:
    sent = browser.get(DEPARTURE, params={"redirect_uri": "https://evil.example", "next": "//evil.example"})
    back = local_issuer.visit(sent.headers["location"])

    answer = come_back(browser, f"{back}&next=https://evil.example")

    assert back.startswith(f"{ORIGIN}{ARRIVAL}?")
    assert answer.headers["location"] == "/"


def test_the_page_is_told_of_this_way(browser: TestClient) -> None:
    assert browser.get("/api/v1/sign-in").json() == {"password": True, "oidc": DEPARTURE}
