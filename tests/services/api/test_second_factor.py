"""The second factor: set up with the password, asked for from then on, each code once, nothing readable."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pyotp import TOTP
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from catenae.testing import FakeClock
from services.api.answers import Role
from services.api.application import Application
from services.api.collaborators import Collaborators
from services.api.live import SIGNED_OUT
from services.api.sign_in.accounts import Account, Identity
from services.api.sign_in.recovery_codes import NUMBER
from services.api.sign_in.second_factor import STEP_S
from services.api.sign_in.throttle import FREE_BY_ADDRESS, FREE_BY_PAIR
from tests.services.api.conftest import Client
from tests.services.api.people import ORIGIN, PASSWORD
from tests.services.api.test_audit import acts
from tests.services.api.test_live import LIVE

SESSION = "/api/v1/session"
FACTOR = f"{SESSION}/second-factor"


class Device:
    """What somebody has in their pocket."""

    def __init__(self, clock: FakeClock, secret: str) -> None:
        self._clock = clock
        self.secret = secret

    def code(self, *, in_s: float = 0) -> str:
        return TOTP(self.secret).at(self._clock.now_s() + in_s)

    def wrong_code(self) -> str:
        return str((int(self.code()) + 500_000) % 1_000_000).zfill(6)


def sign_in(client: TestClient, code: str = "") -> Any:
    given = {"name": "the_reviewer", "password": PASSWORD}
    return client.post("/api/v1/sign-in", json={**given, "code": code} if code else given)


def enrol(browser: TestClient, clock: FakeClock, code: str = "") -> tuple[Device, Sequence[str]]:
    """Set a second factor up, and go on once its first code is over."""
    offered = browser.post(f"{FACTOR}/offer", json={"password": PASSWORD, "code": code}).json()
    device = Device(clock, offered["secret"])
    done = browser.put(FACTOR, json={"code": device.code()})
    assert done.status_code == 200
    clock.advance(STEP_S)
    return device, done.json()["codes"]


def the_account(here: Collaborators) -> Account:
    found = here.accounts.get("the_reviewer")
    assert found is not None
    return found


@pytest.fixture
def device(reviewer: TestClient, clock: FakeClock) -> Device:
    return enrol(reviewer, clock)[0]


def test_a_password_alone_opens_nothing_any_more(client: Client, device: Device) -> None:
    browser = client()

    assert sign_in(browser).status_code == 403
    assert browser.get(SESSION).status_code == 401
    assert sign_in(browser, device.wrong_code()).status_code == 403
    assert sign_in(browser, device.code()).status_code == 200
    assert browser.get(SESSION).json()["name"] == "the_reviewer"


def test_a_code_without_the_password_is_told_as_any_wrong_password(client: Client, device: Device) -> None:
    given = {"name": "the_reviewer", "password": "wrong password"}

    without, with_code = (
        client().post("/api/v1/sign-in", json={**given, "code": code}) for code in ("", device.code())
    )
    assert without.status_code == with_code.status_code == 401
    assert without.json() == with_code.json()


@pytest.mark.parametrize("in_s", [-STEP_S, 0, STEP_S])
def test_a_code_is_used_once(client: Client, device: Device, in_s: float, clock: FakeClock) -> None:
    clock.advance(STEP_S)
    code = device.code(in_s=in_s)

    assert [sign_in(client(), code).status_code for _ in range(2)] == [200, 403]
    clock.advance(STEP_S)
    assert sign_in(client(), code).status_code == 403


def test_the_code_that_set_it_up_is_used(reviewer: TestClient, client: Client, clock: FakeClock) -> None:
    offered = reviewer.post(f"{FACTOR}/offer", json={"password": PASSWORD}).json()
    code = Device(clock, offered["secret"]).code()

    assert reviewer.put(FACTOR, json={"code": code}).status_code == 200
    assert sign_in(client(), code).status_code == 403


def test_a_code_that_was_used_stays_so_as_long_as_it_counts(
    device: Device, here: Collaborators, clock: FakeClock
) -> None:
    code = device.code(in_s=STEP_S)

    taken = []
    for _ in range(10):
        taken.append(here.second_factors.accept(the_account(here), code, here.now_s()))
        clock.advance(STEP_S / 3)

    assert taken == ["code", *[None] * 9]
    assert here.second_factors.accept(the_account(here), device.code(), here.now_s()) == "code"
    assert here.documents.count("used_codes") == 1


@pytest.mark.parametrize("in_s", [-2 * STEP_S, 2 * STEP_S, 3600])
def test_a_code_of_another_time_is_none(client: Client, device: Device, in_s: float) -> None:
    assert sign_in(client(), device.code(in_s=in_s)).status_code == 403


@pytest.mark.parametrize("odd", ["", " ", "12345", "1234567", "١٢٣٤٥٦", "\ud800", "a\x00b", "-" * 100])
def test_what_is_no_code_is_refused(device: Device, here: Collaborators, odd: str) -> None:
    assert here.second_factors.accept(the_account(here), odd, here.now_s()) is None


def test_two_replicas_take_a_code_once(device: Device, here: Collaborators) -> None:
    account, code = the_account(here), device.code()

    taken = [here.second_factors.accept(account, code, here.now_s()) for _ in range(2)]
    assert taken == ["code", None]


def test_who_guesses_codes_has_to_wait_wherever_they_come_from(
    client: Client, device: Device, here: Collaborators, built: Application, clock: FakeClock
) -> None:
    for number in range(FREE_BY_PAIR + 1):
        thief = TestClient(
            built, base_url=ORIGIN, headers={"Origin": ORIGIN}, client=(f"192.0.2.{number}", 1)
        )
        assert sign_in(thief, device.wrong_code()).status_code == 403

    refused = sign_in(client(), device.code())
    assert refused.status_code == 429
    clock.advance(float(refused.headers["retry-after"]))
    assert sign_in(client(), device.code()).status_code == 200


def test_who_says_the_right_code_begins_anew(client: Client, device: Device, clock: FakeClock) -> None:
    for _ in range(2):
        tried = [sign_in(client(), device.wrong_code()).status_code for _ in range(FREE_BY_PAIR)]
        assert [*tried, sign_in(client(), device.code()).status_code] == [403] * FREE_BY_PAIR + [200]
        clock.advance(STEP_S)


@pytest.mark.lengthy
def test_who_is_asked_for_a_code_has_failed_at_nothing_and_undone_nothing(
    client: Client, device: Device
) -> None:
    for _ in range(FREE_BY_ADDRESS + 2):
        assert sign_in(client()).status_code == 403
    for _ in range(FREE_BY_PAIR + 1):
        assert sign_in(client()).status_code == 403
        client().post("/api/v1/sign-in", json={"name": "the_reviewer", "password": "wrong password"})

    assert sign_in(client()).status_code == 429


def test_a_stranger_who_guesses_passwords_keeps_no_code_from_anybody(client: Client, device: Device) -> None:
    ann, stranger = client(), client()
    sign_in(ann, device.code())
    for _ in range(FREE_BY_PAIR + 2):
        stranger.post("/api/v1/sign-in", json={"name": "the_reviewer", "password": "x", "code": "123456"})

    assert sign_in(ann, device.code(in_s=STEP_S)).status_code == 200


def test_the_secret_is_shown_once_as_devices_take_it(reviewer: TestClient) -> None:
    offered = reviewer.post(f"{FACTOR}/offer", json={"password": PASSWORD}).json()

    uri = urlsplit(offered["uri"])
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Catenae%20screening:the_reviewer")
    assert parse_qs(uri.query) == {"secret": [offered["secret"]], "issuer": ["Catenae screening"]}
    assert reviewer.get(FACTOR).json() == {"is_on": False, "recovery_codes": 0}


def test_neither_secret_nor_codes_are_in_the_documents(
    reviewer: TestClient, here: Collaborators, clock: FakeClock
) -> None:
    device, codes = enrol(reviewer, clock)

    kept = "".join(str(here.documents.find(each).documents) for each in here.documents.collections())
    assert "the_reviewer" in kept
    assert not any(each in kept for each in (device.secret, *codes))


def test_a_sealed_secret_is_one_accounts_alone(client: Client, device: Device, here: Collaborators) -> None:
    """Whoever can write to the documents gives nobody the device of somebody else."""
    sealed = (here.documents.get("accounts", "the_reviewer") or {})["second_factor"]
    here.documents.merge("accounts", [{"id": "the_curator", "second_factor": sealed}])

    given = {"name": "the_curator", "password": PASSWORD, "code": device.code()}
    assert client().post("/api/v1/sign-in", json=given).status_code == 403


def test_to_set_it_up_takes_the_password(reviewer: TestClient) -> None:
    refused = [reviewer.post(f"{FACTOR}/offer", json={"password": "wrong"}) for _ in range(FREE_BY_PAIR + 2)]

    assert [each.status_code for each in refused] == [403] * (FREE_BY_PAIR + 1) + [429]
    assert reviewer.put(FACTOR, json={"code": "123456"}).status_code == 403


def test_an_offer_counts_only_once_a_code_of_it_comes(
    reviewer: TestClient, client: Client, clock: FakeClock
) -> None:
    offered = reviewer.post(f"{FACTOR}/offer", json={"password": PASSWORD}).json()
    wrong = Device(clock, offered["secret"]).wrong_code()

    assert reviewer.put(FACTOR, json={"code": wrong}).status_code == 403
    assert sign_in(client()).status_code == 200


def test_what_was_offered_is_set_up_once(reviewer: TestClient, device: Device) -> None:
    assert reviewer.put(FACTOR, json={"code": device.code()}).status_code == 403


def test_who_guesses_the_first_code_has_to_wait(reviewer: TestClient, clock: FakeClock) -> None:
    offered = reviewer.post(f"{FACTOR}/offer", json={"password": PASSWORD}).json()
    wrong = Device(clock, offered["secret"]).wrong_code()

    tried = [reviewer.put(FACTOR, json={"code": wrong}).status_code for _ in range(FREE_BY_PAIR + 2)]
    assert tried == [403] * (FREE_BY_PAIR + 1) + [429]


def test_another_device_takes_a_code_of_the_one_before(
    client: Client, reviewer: TestClient, device: Device, clock: FakeClock
) -> None:
    offer = {"password": PASSWORD}
    assert reviewer.post(f"{FACTOR}/offer", json=offer).status_code == 403
    assert reviewer.post(f"{FACTOR}/offer", json={**offer, "code": device.wrong_code()}).status_code == 403

    another, _ = enrol(reviewer, clock, device.code())
    assert sign_in(client(), device.code()).status_code == 403
    assert sign_in(client(), another.code()).status_code == 200


def test_a_second_factor_ends_all_other_sessions(client: Client, clock: FakeClock) -> None:
    here_, elsewhere = client(Role.REVIEWER), client(Role.REVIEWER)
    former = here_.cookies["screening"]

    enrol(here_, clock)

    assert (here_.get(SESSION).status_code, elsewhere.get(SESSION).status_code) == (200, 401)
    assert here_.cookies["screening"] != former


def test_a_recovery_code_opens_once_and_only_its_account(
    client: Client, reviewer: TestClient, clock: FakeClock, here: Collaborators
) -> None:
    _, codes = enrol(reviewer, clock)
    assert len(set(codes)) == NUMBER
    curator = here.accounts.get("the_curator")
    assert curator is not None
    assert here.second_factors.accept(curator, codes[1], here.now_s()) is None

    as_typed = codes[0].upper().replace("-", " ")
    assert [sign_in(client(), each).status_code for each in (as_typed, codes[0], codes[1])] == [200, 403, 200]
    assert reviewer.get(FACTOR).json() == {"is_on": True, "recovery_codes": NUMBER - 2}


def test_new_recovery_codes_end_the_ones_before(
    client: Client, reviewer: TestClient, clock: FakeClock
) -> None:
    _, former = enrol(reviewer, clock)

    _, codes = enrol(reviewer, clock, former[0])

    assert [sign_in(client(), each).status_code for each in (former[1], codes[1])] == [403, 200]


def test_whoever_signs_in_elsewhere_is_offered_none(client: Client, here: Collaborators) -> None:
    browser = client(Role.REVIEWER)
    here.accounts.set_way("the_reviewer", Identity("https://login.example", "7"))

    assert browser.post(f"{FACTOR}/offer", json={"password": PASSWORD}).status_code == 403
    assert browser.get(FACTOR).json() == {"is_on": False, "recovery_codes": 0}


def test_another_way_to_sign_in_ends_it(device: Device, here: Collaborators) -> None:
    here.accounts.set_way("the_reviewer", Identity("https://login.example", "7"))
    here.accounts.set_way("the_reviewer", PASSWORD)

    account = the_account(here)
    assert (account.second_factor, account.offered_factor) == (None, None)


def test_another_password_keeps_it(device: Device, here: Collaborators) -> None:
    here.accounts.set_way("the_reviewer", "staple battery horse")

    assert the_account(here).second_factor is not None


@pytest.fixture
def requiring(client: Client, here: Collaborators, built: Application) -> Collaborators:
    changed = replace(here, site=replace(here.site, requires_second_factor=True))
    built.state.collaborators = changed
    return changed


def test_where_it_is_required_nothing_can_be_done_before(
    reviewer: TestClient, requiring: Collaborators, clock: FakeClock
) -> None:
    assert reviewer.get(SESSION).json()["must_enrol"] is True
    assert reviewer.get("/api/v1/alerts").status_code == 403
    with reviewer.websocket_connect(LIVE) as socket, pytest.raises(WebSocketDisconnect) as ended:
        socket.receive_text()
    assert ended.value.code == SIGNED_OUT

    enrol(reviewer, clock)
    assert reviewer.get(SESSION).json()["must_enrol"] is False
    assert reviewer.get("/api/v1/alerts").status_code == 200


def test_where_it_is_required_whoever_signs_in_elsewhere_has_it_there(
    reviewer: TestClient, requiring: Collaborators
) -> None:
    requiring.accounts.set_way("the_reviewer", Identity("https://login.example", "7"))

    assert reviewer.get("/api/v1/alerts").status_code == 200


def test_all_that_becomes_of_it_is_in_the_audit_log(
    client: Client, reviewer: TestClient, here: Collaborators, clock: FakeClock
) -> None:
    reviewer.post(f"{FACTOR}/offer", json={"password": "wrong password"})
    device, codes = enrol(reviewer, clock)
    for code in ("", device.wrong_code(), codes[0]):
        sign_in(client(), code)

    assert [action for action, _ in acts(here, "the_reviewer")] == [
        "second factor set-up failed",
        "second factor offered",
        "second factor set up",
        "code asked for",
        "code refused",
        "recovery code used",
        "sign-in",
    ]
