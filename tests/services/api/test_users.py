"""Users and their posts; what is written comes back as it was, and each look is in the log."""

from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from catenae.testing import FakeClock
from services.api import post_search, users
from services.api.collaborators import Collaborators
from services.api.course import Point, downsampled
from tests.services.api.people import HOSTILE, alert, post, probability, user_document

USERS = "/api/v1/users"


@pytest.fixture
def stored(here: Collaborators) -> Collaborators:
    here.documents.upsert("users", [user_document(name) for name in ("an", "ann", "anna", "ano", "Ann")])
    here.documents.upsert("alerts", [alert("ann", label="risk", opened_by="t1_ann2")])
    here.documents.upsert("posts", [post("ann", number) for number in range(6)])
    here.documents.upsert("posts", [post("ann", 9, kind="submission", title="Tea"), post("bob", 1)])
    here.documents.upsert("probabilities", [probability("ann", number) for number in range(5)])
    here.documents.upsert("probabilities", [probability("bob", 1)])
    return here


def items(client: TestClient, path: str, **query: Any) -> list[Any]:
    answer = client.get(f"{USERS}{path}", params=query)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["items"]
    return found


def test_users_are_found_by_how_their_names_begin(reviewer: TestClient, stored: Collaborators) -> None:
    found = items(reviewer, "", prefix="ann")

    assert [each["user"] for each in found] == ["ann", "anna"]
    assert [(each["has_alert"], each["label"]) for each in found] == [(True, "risk"), (False, None)]


def test_a_user_is_shown_with_the_alert(reviewer: TestClient, stored: Collaborators) -> None:
    found = reviewer.get(f"{USERS}/ann").json()

    assert (found["submissions"], found["comments"], found["forget"]) == (1, 6, None)
    assert found["alert"]["user"] == "ann"


def test_posts_come_by_their_own_probability_with_words(reviewer: TestClient, stored: Collaborators) -> None:
    found = items(reviewer, "/ann/posts")

    assert [each["post_probability"] for each in found] == [0.4, 0.3, 0.2, 0.1, 0.0]
    assert found[0]["words"] == [["sad", 1.5], ["tea", -0.5]]
    assert [each["id"] for each in found if each["is_trigger"]] == ["t1_ann2"]


def test_posts_come_by_time_also_those_not_yet_scored(reviewer: TestClient, stored: Collaborators) -> None:
    found = items(reviewer, "/ann/posts", sort="recent")

    assert [each["id"][-1] for each in found] == ["9", "5", "4", "3", "2", "1", "0"]
    assert found[1]["post_probability"] is None
    assert found[1]["words"] == []


def test_posts_are_read_from_a_time_back(reviewer: TestClient, stored: Collaborators) -> None:
    found = items(reviewer, "/ann/posts", sort="recent", until_utc=103)

    assert [each["id"][-1] for each in found] == ["3", "2", "1", "0"]


def test_times_and_words_go_with_an_order_of_time_alone(reviewer: TestClient, stored: Collaborators) -> None:
    for wanted in ({"until_utc": 103}, {"from_utc": 103}, {"find": "tea"}):
        assert reviewer.get(f"{USERS}/ann/posts", params=wanted).status_code == 422


def test_posts_are_read_from_a_time_on_oldest_first(reviewer: TestClient, stored: Collaborators) -> None:
    found = items(reviewer, "/ann/posts", sort="oldest", from_utc=103)

    assert [each["id"][-1] for each in found] == ["3", "4", "5", "9"]


def test_words_are_found_in_a_history_without_regard_to_case_and_accents(
    reviewer: TestClient, here: Collaborators
) -> None:
    bodies = ["No DUERMO: depresión", "tea", "depres\u0069o\u0301n  otra vez", ""]
    here.documents.upsert("posts", [post("ann", number, body=body) for number, body in enumerate(bodies)])

    assert [each["id"][-1] for each in items(reviewer, "/ann/posts", sort="recent", find="Depresion")] == [
        "2",
        "0",
    ]
    assert items(reviewer, "/ann/posts", sort="recent", find="depresion otra") != []
    assert items(reviewer, "/ann/posts", sort="oldest", find="coffee") == []


def test_a_search_goes_on_where_it_has_stopped(
    reviewer: TestClient, here: Collaborators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post_search, "MOST_READ", 200)
    bodies = {number: "tea" if number % 300 == 0 else "" for number in range(1000)}
    here.documents.upsert("posts", [post("ann", number, body=body) for number, body in bodies.items()])
    query = {"sort": "oldest", "find": "tea"}

    found, cursor = list[str](), None
    while cursor is not None or not found:
        answer = reviewer.get(f"{USERS}/ann/posts", params=query | ({"cursor": cursor} if cursor else {}))
        found += [each["id"] for each in answer.json()["items"]]
        cursor = answer.json()["cursor"]

    assert found == ["t1_ann0", "t1_ann300", "t1_ann600", "t1_ann900"]


@pytest.mark.parametrize(("kind", "ids"), [("submission", ["t1_ann9"]), ("comment", 6)])
def test_posts_come_by_kind(reviewer: TestClient, stored: Collaborators, kind: str, ids: Any) -> None:
    found = [each["id"] for each in items(reviewer, "/ann/posts", sort="recent", kind=kind)]

    assert found == ids or len(found) == ids


@pytest.mark.parametrize("sort", ["recent", "oldest", "probability"])
def test_however_much_somebody_writes_an_answer_holds_so_much_of_it(
    reviewer: TestClient, here: Collaborators, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(users, "MOST_LETTERS", 1000)
    monkeypatch.setattr(users, "READ_AT_ONCE", 4)
    letters = [10, 400, 3000, 5, 5, 990, 5, 600, 600, 10, 5000]
    here.documents.upsert("posts", [post("ann", at, body="x" * number) for at, number in enumerate(letters)])
    here.documents.upsert("posts", [{**post("ann", 3), "title": 5}])
    here.documents.upsert("probabilities", [probability("ann", at) for at in range(len(letters))])

    found, left_out = list[str](), 0
    cursor: str | None = ""
    while cursor is not None:
        part = {"cursor": cursor} if cursor else {}
        told = reviewer.get(f"{USERS}/ann/posts", params={"sort": sort, **part}).json()
        found += [each["id"] for each in told["items"]]
        left_out += told["left_out"]
        assert len(told["items"]) == 1 or sum(len(each["body"]) for each in told["items"]) <= 1000
        cursor = told["cursor"]

    assert (len(found), len(set(found)), left_out) == (len(letters) - 1, len(letters) - 1, 1)


def test_a_post_of_somebody_else_is_not_this_users(reviewer: TestClient, stored: Collaborators) -> None:
    assert reviewer.get(f"{USERS}/ann/posts/t1_ann1").status_code == 200
    assert reviewer.get(f"{USERS}/ann/posts/t1_bob1").status_code == 404


def test_texts_come_back_as_they_were_written(reviewer: TestClient, here: Collaborators) -> None:
    texts = [HOSTILE, "x" * 1_000_000, "\u202e\u2066\x1b[31m\r\n\u0000", "]]>&lt;'\"`${7*7}"]
    here.documents.upsert(
        "posts", [post("ann", number, body=text, title=text) for number, text in enumerate(texts)]
    )

    found = items(reviewer, "/ann/posts", sort="recent")

    assert [each["body"] for each in reversed(found)] == texts
    assert [each["title"] for each in reversed(found)] == texts


NAMES = [
    "<b>",
    "a b",
    "é😀",
    "..",
    "a?b#c",
    "'; --",
    "-x_Y.z",
    "a/b",
    "/posts",
    "a%2Fb",
    "a/posts/t1_x",
    "//",
]


def encoded(name: str) -> str:
    return quote(name, safe="").replace(".", "%2E")


@pytest.mark.parametrize("name", NAMES)
def test_any_name_can_be_asked_for(reviewer: TestClient, here: Collaborators, name: str) -> None:
    here.documents.upsert("users", [user_document(name)])
    here.documents.upsert("alerts", [alert(name)])

    answer = reviewer.get(f"{USERS}/{encoded(name)}")
    labelled = reviewer.put(f"/api/v1/alerts/{encoded(name)}/label", json={"label": "risk"})

    assert (answer.status_code, answer.json()["user"]) == (200, name)
    assert (labelled.status_code, labelled.json()["user"]) == (200, name)


@pytest.mark.parametrize("post_id", ["at://did:plc:x/app.post/1", "a%2Fb", "?"])
def test_any_post_can_be_asked_for(reviewer: TestClient, here: Collaborators, post_id: str) -> None:
    here.documents.upsert("posts", [post("a/b", 1, id=post_id)])

    answer = reviewer.get(f"{USERS}/a%2Fb/posts/{encoded(post_id)}")

    assert (answer.status_code, answer.json()["id"]) == (200, post_id)


def test_the_course_names_the_model_of_each_point(reviewer: TestClient, stored: Collaborators) -> None:
    stored.documents.upsert("probabilities", [probability("ann", 5, model="def")])

    found = reviewer.get(f"{USERS}/ann/probabilities").json()

    assert found["models"] == ["abc", "def"]
    assert found["points"][0] == [100, 0.5, "t1_ann0", 0]
    assert found["points"][-1] == [105, 0.55, "t1_ann5", 1]
    assert (found["total"], found["is_downsampled"], found["trigger"]) == (6, False, "t1_ann2")


def test_a_long_course_keeps_its_ends_peaks_and_the_trigger() -> None:
    points = [Point(at, 0.5 + (at % 100) / 1000, f"t1_{at}", "abc") for at in range(10_000)]
    points[4321] = points[4321]._replace(probability=0.99)
    points[8765] = points[8765]._replace(probability=0.01)

    shown = downsampled(points, 200, keep="t1_5555")

    assert len(shown) <= 201
    assert {points[0], points[4321], points[5555], points[8765], points[-1]} <= set(shown)
    assert shown == sorted(shown)


def test_points_of_one_moment_are_a_course_too() -> None:
    points = [Point(7, number / 100, f"t1_{number}", "abc") for number in range(100)]

    shown = downsampled(points, 10)

    assert len(shown) <= 10
    assert {points[0], points[-1]} <= set(shown)


def test_the_record_is_all_that_is_kept(administrator: TestClient, stored: Collaborators) -> None:
    found = administrator.get(f"{USERS}/ann/record").json()

    assert {name: len(documents) for name, documents in found.items()} == {
        "users": 1,
        "alerts": 1,
        "posts": 7,
        "probabilities": 5,
    }


LOOKS = ["/ann", "/ann/posts", "/ann/posts/t1_ann1", "/ann/probabilities"]


@pytest.mark.parametrize("path", LOOKS)
def test_each_look_at_a_user_is_in_the_log_without_the_name(
    reviewer: TestClient, administrator: TestClient, stored: Collaborators, path: str
) -> None:
    reviewer.get(f"{USERS}{path}")

    events = administrator.get("/api/v1/audit", params={"user": "ann"}).json()["items"]
    assert [each["account"] for each in events] == ["the_reviewer"]
    assert events[0]["subject"].startswith("user_")
    assert "ann" not in str(stored.documents.find("audit", {"account": "the_reviewer"}).documents)


def test_to_forget_a_user_is_asked_once(
    administrator: TestClient, stored: Collaborators, clock: FakeClock
) -> None:
    first = administrator.post(f"{USERS}/ann/forget")
    clock.advance(1)
    again = administrator.post(f"{USERS}/ann/forget")

    assert (first.status_code, first.json()) == (202, again.json())
    assert first.json()["status"] == "requested"
    assert administrator.get(f"{USERS}/ann").json()["forget"] == first.json()
    assert administrator.get("/api/v1/forget-requests").json()["items"] == [first.json()]
    assert administrator.post(f"{USERS}/nobody/forget").status_code == 404


def test_a_user_who_is_there_again_after_it_was_done_is_asked_for_again(
    administrator: TestClient, stored: Collaborators
) -> None:
    done = {"id": "ann", "status": "done", "requested_ms": 1, "requested_by": "x", "done_ms": 2}
    stored.documents.upsert("forget_requests", [done])

    assert administrator.post(f"{USERS}/ann/forget").json()["status"] == "requested"
