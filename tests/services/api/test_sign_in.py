"""Signing in and out, sessions, and what slows down who guesses."""

import logging
from dataclasses import replace
from ipaddress import ip_network
from unittest.mock import patch

import pytest
from argon2 import PasswordHasher
from starlette.responses import Response
from starlette.testclient import TestClient

from catenae.testing import FakeClock
from services.api.answers import Role
from services.api.application import Application
from services.api.collaborators import Collaborators
from services.api.origin import ARRIVAL, DEPARTURE
from services.api.routes.sign_in import begin_session
from services.api.sign_in.devices import KEPT_MS
from services.api.sign_in.passwords import COMMON, Passwords, Unfit, is_common
from services.api.sign_in.sessions import IDLE_MS, LONGEST_MS
from services.api.sign_in.throttle import FREE_BY_ADDRESS, FREE_BY_PAIR
from tests.services.api.conftest import Client
from tests.services.api.people import ORIGIN, PASSWORD, sign_in

SESSION = "/api/v1/session"


def test_a_password_opens_a_session_that_a_script_cannot_read(client: Client) -> None:
    answer = sign_in(client(), "the_reviewer")

    assert answer.json()["role"] == "reviewer"
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in cookie.split(";")}


def test_by_https_the_session_travels_no_other_way(here: Collaborators) -> None:
    secure = replace(here, site=replace(here.site, origins=("https://screening.example",)))
    answer = Response()

    begin_session("the_reviewer", answer, secure)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-screening=")
    assert "secure" in cookie.lower().split("; ")


def test_nothing_of_a_password_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    for password in (PASSWORD, "another password", "far too long a password" * 100):
        sign_in(client(), "the_reviewer", password)

    logged = str([vars(record) for record in caplog.records])
    assert PASSWORD not in logged
    assert "password" not in logged.replace("with_password", "")


def test_nobody_signs_in_elsewhere_unless_an_operator_says_where(client: Client) -> None:
    browser = client()

    assert browser.get("/api/v1/sign-in").json() == {"password": True, "oidc": None}
    assert {browser.get(path).status_code for path in (DEPARTURE, ARRIVAL)} == {404}


def test_only_the_hash_of_the_token_is_kept(client: Client, here: Collaborators) -> None:
    token = sign_in(client(), "the_reviewer").cookies["screening"]

    (kept,) = here.documents.find("sessions").documents
    assert token not in str(kept)


@pytest.mark.parametrize(
    ("name", "password"), [("the_reviewer", "wrong password"), ("nobody", PASSWORD), ("a\x00b", PASSWORD)]
)
def test_a_wrong_name_and_a_wrong_password_are_told_alike(client: Client, name: str, password: str) -> None:
    answer = sign_in(client(), name, password)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "No account has this name and password."


def test_a_name_that_nobody_has_takes_as_long() -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords = Passwords(hasher)

    with patch.object(PasswordHasher, "verify", return_value=True) as verify:
        assert not passwords.fits(PASSWORD, None)

    verify.assert_called_once()


def test_who_guesses_has_to_wait_ever_longer(client: Client, clock: FakeClock) -> None:
    guesser = client()
    for _ in range(FREE_BY_PAIR + 1):
        assert sign_in(guesser, "the_reviewer", "wrong password").status_code == 401

    refused = sign_in(guesser, "the_reviewer")

    assert refused.status_code == 429
    clock.advance(float(refused.headers["retry-after"]))
    assert sign_in(guesser, "the_reviewer").status_code == 200


@pytest.mark.lengthy
def test_a_stranger_behind_the_same_proxy_locks_out_nobody_who_has_signed_in_before(client: Client) -> None:
    ann, stranger = client(), client()
    sign_in(ann, "the_reviewer")
    ann.delete(SESSION)
    for number in range(FREE_BY_ADDRESS + 2):
        sign_in(stranger, f"name{number}", "wrong password")
    for _ in range(FREE_BY_PAIR + 2):
        sign_in(stranger, "the_reviewer", "wrong password")

    assert sign_in(stranger, "the_reviewer").status_code == 429
    assert sign_in(ann, "the_reviewer").status_code == 200


@pytest.mark.lengthy
def test_a_trusted_proxy_tells_strangers_apart(
    client: Client, here: Collaborators, built: Application
) -> None:
    site = replace(here.site, proxies=(ip_network("10.0.0.0/8"),))
    built.state.collaborators = replace(here, site=site)
    browser = TestClient(built, base_url=ORIGIN, headers={"Origin": ORIGIN}, client=("10.0.0.1", 1))
    for number in range(FREE_BY_ADDRESS + 2):
        browser.headers["X-Forwarded-For"] = "203.0.113.9"
        refused = sign_in(browser, f"name{number}", "wrong password")

    browser.headers["X-Forwarded-For"] = "192.0.2.7"
    assert refused.status_code == 429
    assert sign_in(browser, "the_reviewer").status_code == 200


def test_the_cookie_of_a_device_is_one_names_alone_and_opens_nothing(
    client: Client, here: Collaborators
) -> None:
    browser = client()
    sign_in(browser, "the_reviewer")
    token = browser.cookies["screening-device"]

    assert here.devices.find(token, "the_reviewer", here.now_ms()) is not None
    assert here.devices.find(token, "the_curator", here.now_ms()) is None
    assert here.devices.find(token, "the_reviewer", here.now_ms() + KEPT_MS) is None
    assert token not in str(here.documents.find("devices").documents)
    del browser.cookies["screening"]
    assert browser.get(SESSION).status_code == 401


@pytest.mark.parametrize("before", ["chosen by a stranger", None])
def test_a_device_is_known_by_a_token_that_nobody_else_has_chosen_or_had(
    client: Client, here: Collaborators, before: str | None
) -> None:
    browser = client()
    if before is None:
        sign_in(browser, "the_curator")
    else:
        browser.cookies.set("screening-device", before, domain=browser.base_url.host)
    former = str(browser.cookies["screening-device"])

    sign_in(browser, "the_reviewer")

    assert browser.cookies["screening-device"] != former
    assert here.devices.find(former, "the_curator", here.now_ms()) is None
    assert here.documents.count("devices") == 1


def test_people_see_and_end_their_other_sessions(client: Client, clock: FakeClock) -> None:
    here_, elsewhere = client(Role.REVIEWER), client(Role.REVIEWER)
    client(Role.CURATOR)
    at_ms = int(clock.now_s() * 1000)

    assert here_.get(f"{SESSION}/others").json() == {"sessions": [{"begun_ms": at_ms, "seen_ms": at_ms}]}
    assert here_.delete(f"{SESSION}/others").status_code == 204
    assert here_.get(f"{SESSION}/others").json() == {"sessions": []}
    assert (here_.get(SESSION).status_code, elsewhere.get(SESSION).status_code) == (200, 401)


def test_after_a_change_of_password_the_token_is_another_one(client: Client, here: Collaborators) -> None:
    browser = client(Role.REVIEWER)
    former = browser.cookies["screening"]
    change = {"current": PASSWORD, "new": "staple battery horse"}

    assert browser.put(f"{SESSION}/password", json=change).status_code == 204
    assert browser.cookies["screening"] != former
    assert browser.get(SESSION).status_code == 200
    assert here.sessions.find(former, here.now_ms()) is None


def test_strangers_who_guess_a_name_keep_nobody_from_another_password(client: Client) -> None:
    browser = client(Role.REVIEWER)
    for _ in range(FREE_BY_PAIR + 2):
        sign_in(client(), "the_reviewer", "wrong password")

    change = {"current": PASSWORD, "new": "staple battery horse"}
    assert browser.put(f"{SESSION}/password", json=change).status_code == 204


def test_signing_out_ends_the_session(reviewer: TestClient, here: Collaborators) -> None:
    answer = reviewer.delete(SESSION)

    assert answer.status_code == 204
    assert answer.headers["set-cookie"].startswith('screening=""; ')
    assert reviewer.get(SESSION).status_code == 401
    assert here.documents.count("sessions") == 0


@pytest.mark.parametrize("pause_ms", [IDLE_MS, LONGEST_MS])
def test_a_session_that_is_idle_or_old_ends(reviewer: TestClient, clock: FakeClock, pause_ms: int) -> None:
    clock.advance(pause_ms / 1000)

    assert reviewer.get(SESSION).status_code == 401


@pytest.mark.lengthy
def test_a_session_that_is_used_stays_until_it_is_old(reviewer: TestClient, clock: FakeClock) -> None:
    for _ in range(LONGEST_MS // IDLE_MS * 2 - 1):
        clock.advance(IDLE_MS / 2000)
        assert reviewer.get(SESSION).status_code == 200
    clock.advance(IDLE_MS / 2000)

    assert reviewer.get(SESSION).status_code == 401


def test_a_disabled_account_is_out_at_its_next_request(reviewer: TestClient, here: Collaborators) -> None:
    here.accounts.set_disabled("the_reviewer", is_disabled=True)

    assert reviewer.get(SESSION).status_code == 401
    assert sign_in(reviewer, "the_reviewer").status_code == 401


def test_another_role_counts_from_the_next_request_on(reviewer: TestClient, here: Collaborators) -> None:
    here.accounts.set_role("the_reviewer", Role.ADMINISTRATOR)

    assert reviewer.get("/api/v1/audit").status_code == 200


def test_signing_in_again_ends_the_session_before(client: Client, here: Collaborators) -> None:
    browser = client()
    sign_in(browser, "the_reviewer")
    sign_in(browser, "the_curator")

    assert here.documents.count("sessions") == 1


def test_another_password_ends_all_other_sessions(client: Client) -> None:
    here_, elsewhere = client(Role.REVIEWER), client(Role.REVIEWER)
    change = {"current": PASSWORD, "new": "staple battery horse"}

    assert here_.put(f"{SESSION}/password", json=change).status_code == 204

    assert (here_.get(SESSION).status_code, elsewhere.get(SESSION).status_code) == (200, 401)
    assert sign_in(elsewhere, "the_reviewer").status_code == 401
    assert sign_in(elsewhere, "the_reviewer", "staple battery horse").status_code == 200


def test_another_password_takes_the_current_one(reviewer: TestClient) -> None:
    change = {"current": "wrong password", "new": "staple battery horse"}

    assert reviewer.put(f"{SESSION}/password", json=change).status_code == 403


def test_who_guesses_the_current_password_has_to_wait(reviewer: TestClient) -> None:
    change = {"current": "wrong password", "new": "staple battery horse"}
    for _ in range(FREE_BY_PAIR + 1):
        assert reviewer.put(f"{SESSION}/password", json=change).status_code == 403

    assert reviewer.put(f"{SESSION}/password", json=change).status_code == 429


@pytest.mark.parametrize(
    "common",
    ["123qweasdzxc", "Password12345!", "P4ssw0rd!!!!!", "qwertyuiop99", "dragondragon", "1-iloveyou-1987"],
)
def test_a_password_that_many_have_is_not_taken(passwords: Passwords, common: str) -> None:
    with pytest.raises(Unfit, match="very many people have"):
        passwords.hashed(common, "the_reviewer")


@pytest.mark.parametrize("own", [PASSWORD, "staple battery horse", "a horse, a staple, a battery"])
def test_words_in_a_row_are_taken(passwords: Passwords, own: str) -> None:
    assert passwords.fits(own, passwords.hashed(own, "the_reviewer"))


def test_ten_thousand_common_passwords_are_known() -> None:
    assert sum(map(is_common, COMMON.read_text("utf-8").splitlines()[15:])) > 10_000


@pytest.mark.parametrize("weak", ["short", "x" * 129, "ababababababab", "the_reviewer-1"])
def test_a_weak_password_is_not_taken(passwords: Passwords, weak: str) -> None:
    with pytest.raises(Unfit):
        passwords.hashed(weak, "the_reviewer")


def test_every_sign_in_is_in_the_log(client: Client, administrator: TestClient) -> None:
    sign_in(client(), "the_reviewer", "wrong password")
    sign_in(client(), "the_reviewer")

    events = administrator.get("/api/v1/audit", params={"account": "the_reviewer"}).json()["items"]
    assert [event["action"] for event in events] == ["sign-in", "sign-in failed"]


def test_a_password_that_is_no_text_is_refused_and_fits_nothing(passwords: Passwords) -> None:
    odd = "horse, staple, \udce9battery"  # a byte that is no UTF-8, as Python reads it from a pipe
    with pytest.raises(Unfit, match="UTF-8"):
        passwords.hashed(odd, "the_reviewer")

    assert not passwords.fits(odd, None)
