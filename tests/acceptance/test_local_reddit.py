"""PRAW, as it is, reads the local Reddit."""

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import praw
import prawcore
import pytest
import requests

from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import Plan, generate
from services.reddit.demo.reddit import LocalReddit, praw_environment
from services.reddit.demo.serving import serving
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.acceptance

PLAN = Plan(users=60, items=3000, prolific=0, live=200, live_per_s=1.0)
ROOT = Path(__file__).parents[2]
PLENTY = 10**6


@pytest.fixture
def reddit() -> LocalReddit:
    found = LocalReddit(generate(PLAN), Calendar(PLAN.opens_utc, speed=0))
    found.budget.requests = PLENTY
    return found


@pytest.fixture
def url(reddit: LocalReddit) -> Iterator[str]:
    with serving(reddit) as url:
        yield url


def client(url: str, **settings: Any) -> praw.Reddit:
    told = {name.removeprefix("praw_"): value for name, value in praw_environment(url).items()}
    return praw.Reddit(**{**told, "check_for_updates": False, "timeout": 5, **settings})


def test_a_read_only_client_pages_through_everything_new(reddit: LocalReddit, url: str) -> None:
    found = list(client(url).subreddit("all").new(limit=None))

    newest = [item.name for item in reversed(reddit.community.items) if item.kind == "submission"]
    visible = [name for name in newest if reddit.items([name])]
    assert [each.fullname for each in found] == visible
    assert found[0].title == reddit.community.by_name[found[0].fullname].title


def test_a_script_signs_in_as_its_user(url: str) -> None:
    reddit = client(url, username="someone", password="secret")

    me = reddit.user.me()

    assert me is not None
    assert me.name == "someone"
    assert not reddit.read_only


def test_wrong_credentials_are_refused(url: str) -> None:
    wrong = client(url, client_secret="wrong")

    with pytest.raises(prawcore.exceptions.ResponseException, match="401"):
        next(wrong.subreddit("all").new())


def test_a_token_that_is_no_longer_good_is_renewed(reddit: LocalReddit, url: str) -> None:
    praw_reddit = client(url)
    list(praw_reddit.subreddit("all").new(limit=1))
    reddit._tokens.clear()

    assert list(praw_reddit.subreddit("all").new(limit=1))
    assert reddit.ledger.statuses() == {200: 2, 401: 1}


def test_all_that_an_account_wrote_is_found_in_its_two_listings(reddit: LocalReddit, url: str) -> None:
    name = "demo_user_0003"
    user = client(url).redditor(name)

    found = [*user.submissions.new(limit=None), *user.comments.new(limit=None)]

    assert {each.fullname for each in found} == {
        item.name for item in reddit.listings.reachable() if item.author.name == name
    }
    assert all(each.author.name == name for each in found)


def test_a_stream_follows_what_is_new(reddit: LocalReddit, url: str) -> None:
    stream = client(url).subreddit("all").stream.comments(pause_after=0, skip_existing=True)
    assert next(stream) is None
    reddit.calendar.advance(20)

    new = []
    while (comment := next(stream)) is not None:
        new.append(comment.fullname)

    expected = [
        item.name
        for item in reddit.community.items
        if PLAN.opens_utc < item.created_utc <= PLAN.opens_utc + 20
    ]
    assert new == [name for name in expected if name.startswith("t1_")]


def test_items_are_found_by_their_names_also_when_they_are_gone(reddit: LocalReddit, url: str) -> None:
    kept, gone = (item.name for item in reddit.community.items[:2])
    requests.post(f"{url}/control/items", json={"names": [gone], "gone": "author"}, timeout=PATIENCE_S)

    found = {each.fullname: each.author for each in client(url).info(fullnames=[kept, gone, "t1_none"])}

    assert found.keys() == {kept, gone}
    assert (found[kept] is None, found[gone] is None) == (False, True)


@pytest.mark.parametrize(
    ("standing", "error"),
    [("suspended", prawcore.exceptions.Forbidden), ("deleted", prawcore.exceptions.NotFound)],
)
def test_accounts_that_are_no_more_raise_what_praw_raises(
    url: str, standing: str, error: type[Exception]
) -> None:
    wish = {"names": ["demo_user_0001"], "standing": standing}
    requests.post(f"{url}/control/accounts", json=wish, timeout=PATIENCE_S)

    with pytest.raises(error):
        list(client(url).redditor("demo_user_0001").comments.new())


def test_a_suspended_account_says_so_and_a_hidden_one_shows_nothing(url: str) -> None:
    for name, standing in (("demo_user_0001", "suspended"), ("demo_user_0002", "hidden")):
        requests.post(
            f"{url}/control/accounts", json={"names": [name], "standing": standing}, timeout=PATIENCE_S
        )

    assert client(url).redditor("demo_user_0001").is_suspended
    assert list(client(url).redditor("demo_user_0002").comments.new()) == []


def test_over_the_budget_is_429_with_the_time_to_wait(reddit: LocalReddit, url: str) -> None:
    requests.post(f"{url}/control/limits", json={"requests": 2, "window_s": 500}, timeout=PATIENCE_S)
    for _ in range(2):
        list(client(url).subreddit("all").new(limit=1))

    with pytest.raises(prawcore.exceptions.TooManyRequests) as caught:
        list(client(url).subreddit("all").new(limit=1))

    assert 400 < int(caught.value.response.headers["retry-after"]) <= 500
    assert reddit.ledger.statuses() == {200: 2, 429: 1}


@pytest.mark.parametrize("trouble", ["status", "cut"])
def test_praw_gets_over_a_fault_that_passes(reddit: LocalReddit, url: str, trouble: str) -> None:
    requests.post(
        f"{url}/control/faults", json={"trouble": trouble, "path": "/r/", "times": 1}, timeout=PATIENCE_S
    )

    assert list(client(url).subreddit("all").new(limit=1))
    assert reddit.ledger.statuses() == {503 if trouble == "status" else 0: 1, 200: 1}


def test_an_answer_that_does_not_come_is_a_time_out(url: str) -> None:
    requests.post(f"{url}/control/faults", json={"trouble": "hang", "hang_s": 30}, timeout=PATIENCE_S)

    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{url}/r/all/new", timeout=0.2)


def test_a_wish_that_makes_no_sense_is_400(url: str) -> None:
    answer = requests.post(f"{url}/control/faults", json={"trouble": "war"}, timeout=PATIENCE_S)

    assert answer.status_code == 400


def test_the_command_serves_and_says_how_to_point_praw_at_it() -> None:
    command = [str(ROOT / "screening"), "reddit-server", "--port", "0", "--users", "20", "--items", "400"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            _, *variables = [shlex.split(process.stdout.readline()) for _ in range(6)]
            told = dict(variable.split("=", 1) for _, variable in variables)

            assert len(list(client(told["praw_reddit_url"]).subreddit("all").comments(limit=5))) == 5
            assert told == praw_environment(told["praw_reddit_url"])
        finally:
            process.terminate()
