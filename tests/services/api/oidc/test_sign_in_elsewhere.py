"""Signing in by OpenID Connect: the way there and back, whom it lets in, and whom not."""

from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.testclient import TestClient

from catenae.testing import FakeClock
from services.api.answers import Role
from services.api.application import Application
from services.api.collaborators import Collaborators
from services.api.origin import ARRIVAL, DEPARTURE
from services.api.sign_in import throttle
from services.api.sign_in.accounts import Identity
from services.api.sign_in.attempt import Attempt
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


@pytest.mark.lengthy
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


@pytest.mark.lengthy
@pytest.mark.usefixtures("ann")
def test_every_sign_in_elsewhere_is_in_the_log(
    browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer, administrator: TestClient
) -> None:
    sign_in(browser)
    for subject in ("somebody", "x" * 256):
        local_issuer.behaviour.subject = subject
        sign_in(browser)

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


def test_by_https_a_try_is_this_hosts_alone(
    browser: TestClient, here: Collaborators, built: Application
) -> None:
    site = replace(here.site, origins=("https://screening.example",))
    built.state.collaborators = replace(here, site=site)

    answer = browser.get(DEPARTURE)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"__Host-{TRY}=")
    assert "Secure" in cookie.split("; ")
    assert urlencode({"redirect_uri": f"https://screening.example{ARRIVAL}"}) in answer.headers["location"]


@pytest.mark.usefixtures("ann")
def test_a_try_of_another_browser_is_refused(browser: TestClient, local_issuer: LocalIssuer) -> None:
    back = local_issuer.visit(leave(browser))
    browser.cookies.clear()
    leave(browser)

    assert come_back(browser, back).headers["location"] == REFUSED
    assert local_issuer.asked["/token"] == 0


@pytest.mark.parametrize("cookie", [{}, {"Cookie": f"{TRY}="}])
@pytest.mark.parametrize("state", ["", Attempt("").state])
def test_a_browser_without_a_try_is_refused(
    state: str, cookie: dict[str, str], browser: TestClient, local_issuer: LocalIssuer
) -> None:
    back = f"{ARRIVAL}?{urlencode({'code': 'anything', 'state': state})}"

    assert browser.get(back, headers={**FROM_ELSEWHERE, **cookie}).headers["location"] == REFUSED
    assert local_issuer.asked["/token"] == 0


def test_what_one_part_of_a_try_tells_tells_no_other() -> None:
    attempt = Attempt.begin()

    parts = {attempt.token, attempt.state, attempt.nonce, attempt.verifier, attempt.challenge}
    assert len(parts) == 5
    assert all(len(part) == 43 for part in parts)


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


@pytest.mark.lengthy
@pytest.mark.usefixtures("ann")
def test_who_is_refused_again_and_again_has_to_wait(
    browser: TestClient,
    sign_in: SignIn,
    local_issuer: LocalIssuer,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(throttle, "FREE_BY_ADDRESS", 2)
    local_issuer.behaviour.token = "no token"
    for _ in range(3):
        assert sign_in(browser).headers["location"] == REFUSED
    local_issuer.behaviour.token = None
    asked = local_issuer.asked["/token"]

    assert sign_in(browser).headers["location"] == "/#/sign-in/throttled"

    assert local_issuer.asked["/token"] == asked
    clock.advance(60)
    assert sign_in(browser).headers["location"] == "/"


@pytest.mark.lengthy
@pytest.mark.usefixtures("ann")
def test_nobody_has_to_wait_for_what_the_issuer_does(
    browser: TestClient, sign_in: SignIn, local_issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "FREE_BY_ADDRESS", 2)
    local_issuer.behaviour.answers["/token"] = (503, {}, b"")
    for _ in range(5):
        sign_in(browser)
    local_issuer.behaviour.answers.clear()

    assert [sign_in(browser).headers["location"] for _ in range(5)] == ["/"] * 5


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


@pytest.mark.lengthy
def test_who_is_led_here_without_a_try_costs_nothing(browser: TestClient, here: Collaborators) -> None:
    before = here.documents.count("audit")
    for _ in range(30):
        led = come_back(browser, f"{ARRIVAL}?{urlencode({'code': 'x', 'state': 'y'})}")

    assert led.headers["location"] == REFUSED
    assert (here.documents.count("audit"), here.documents.count(throttle.COLLECTION)) == (before, 0)
