"""The client by way of PRAW, unmodified, against the local Reddit."""

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae import ConfigError, open_store
from services.reddit.client import RedditClient
from services.reddit.demo.budget import Budget
from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import Gone, Item, Plan, Standing, generate
from services.reddit.demo.faults import Fault, Trouble
from services.reddit.demo.reddit import LocalReddit, praw_environment
from services.reddit.demo.serving import serving
from services.reddit.errors import RedditUnavailable, UserUnreadable
from services.reddit.rate_budget import Allowance, OutOfBudget, RateBudget


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[LocalReddit, str]]:
    plan = Plan(users=20, items=3500, live=0, prolific=1)
    reddit = LocalReddit(generate(plan), Calendar(plan.opens_utc), budget=Budget(requests=1_000_000))
    with serving(reddit) as address:
        yield reddit, address


@pytest.fixture
def reddit(served: tuple[LocalReddit, str]) -> Iterator[LocalReddit]:
    yield served[0]
    served[0].faults.clear()


@pytest.fixture
def client(served: tuple[LocalReddit, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[RedditClient]:
    environment = praw_environment(served[1])
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with closing(open_store("embedded:")) as store:
        yield RedditClient(RateBudget(store, Allowance(100_000, 10.0)), environment)


def written(reddit: LocalReddit, user: str) -> list[Item]:
    return [item for item in reddit.community.items if item.author.name == user and item.kind == "comment"]


def somebody(reddit: LocalReddit, place: int = 5) -> str:
    return list(reddit.community.accounts)[place]


@pytest.mark.lengthy
def test_a_listing_is_paged_to_its_end(reddit: LocalReddit, client: RedditClient) -> None:
    user, names, has_more = somebody(reddit, 0), [""], True
    while has_more:
        page = client.written_by(user, "comment", names[-1])
        names += [each.row["id"] for each in page.items]
        has_more = page.has_more

    newest_first = [item.name for item in reversed(written(reddit, user))]
    assert names[1:] == newest_first[:1000]


@pytest.mark.lengthy
def test_an_item_has_what_a_text_record_takes(reddit: LocalReddit, client: RedditClient) -> None:
    user = somebody(reddit)
    item = written(reddit, user)[-1]

    (found,) = client.look_up([item.name])

    assert found.row == {
        "id": item.name,
        "author": user,
        "subreddit": item.subreddit,
        "created_utc": float(item.created_utc),
        "body": item.text,
        "link_id": found.row["link_id"],
        "parent_id": item.parent,
        "permalink": found.row["permalink"],
    }


def test_what_its_author_deleted_shows_no_author(reddit: LocalReddit, client: RedditClient) -> None:
    item = written(reddit, somebody(reddit))[0]
    reddit.take_away([item.name], Gone.BY_AUTHOR)

    assert "author" not in client.look_up([item.name])[0].row


@pytest.mark.parametrize(
    ("standing", "status"), [(Standing.DELETED, "gone"), (Standing.SUSPENDED, "suspended")]
)
def test_who_is_not_to_be_read_has_a_status(
    reddit: LocalReddit, client: RedditClient, standing: Standing, status: str
) -> None:
    account = reddit.community.accounts[somebody(reddit, 7)]
    account.standing = standing

    with pytest.raises(UserUnreadable) as raised:
        client.written_by(account.name, "comment")

    account.standing = Standing.ACTIVE
    assert raised.value.status == status
    assert account.name not in str(raised.value)


@pytest.mark.parametrize("path", ["/user", "/api/v1/access_token"])
@pytest.mark.parametrize("trouble", [Trouble.GARBAGE, Trouble.CUT, Trouble.STATUS])
def test_an_odd_answer_is_none_that_counts(
    reddit: LocalReddit, client: RedditClient, trouble: Trouble, path: str
) -> None:
    reddit.faults.add(Fault(trouble, path=path, times=1))

    with pytest.raises(RedditUnavailable):
        client.written_by(somebody(reddit), "comment")

    assert client.written_by(somebody(reddit), "comment").items


@pytest.mark.lengthy
def test_a_token_that_is_no_longer_good_is_renewed(reddit: LocalReddit, client: RedditClient) -> None:
    client.newest("comment", "all")
    reddit._tokens.clear()

    assert client.newest("comment", "all").items


def test_refused_credentials_are_told_at_the_start(
    served: tuple[LocalReddit, str], client: RedditClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("praw_client_secret", "wrong")

    with pytest.raises(ConfigError, match="Reddit refuses the credentials"):
        client.check()
    with pytest.raises(OutOfBudget):
        client.newest("comment", "all")


def test_a_subreddit_that_is_not_to_be_seen_is_told_at_the_start(client: RedditClient) -> None:
    with pytest.raises(ConfigError, match="Reddit shows nothing of r/mistyped"):
        client.check("mistyped")


def test_a_server_that_is_away_at_the_start_is_no_mistake(reddit: LocalReddit, client: RedditClient) -> None:
    reddit.faults.add(Fault(Trouble.STATUS))

    client.check()


def test_a_name_is_a_name_and_no_path(reddit: LocalReddit, client: RedditClient) -> None:
    with pytest.raises(UserUnreadable):
        client.written_by("../r/all", "comment")


def test_missing_credentials_are_named(client: RedditClient) -> None:
    with closing(open_store("embedded:")) as store, pytest.raises(ConfigError, match="praw_client_id, praw"):
        RedditClient(RateBudget(store, Allowance()), {})


def test_the_secrets_may_be_in_files(
    served: tuple[LocalReddit, str], client: RedditClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = dict(praw_environment(served[1]))
    file = tmp_path / "secret"
    file.write_text(environment.pop("praw_client_secret"))
    monkeypatch.delenv("praw_client_secret")
    environment["praw_client_secret_FILE"] = str(file)

    with closing(open_store("embedded:")) as store:
        RedditClient(RateBudget(store, Allowance()), environment).check()


def test_credentials_go_out_by_https_only(client: RedditClient) -> None:
    with closing(open_store("embedded:")) as store, pytest.raises(ConfigError, match="by https only"):
        RedditClient(RateBudget(store, Allowance()), {"praw_oauth_url": "http://reddit.example"})


@pytest.mark.lengthy
def test_nobody_is_named_in_the_logs(
    reddit: LocalReddit, client: RedditClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.written_by(somebody(reddit), "comment")
        reddit._tokens.clear()
        client.written_by(somebody(reddit), "comment")

    assert somebody(reddit) not in caplog.text
