"""The topic tool as it runs: sources over real connections, and every process killed while it searches.

What fails shows numbers, never a text or a name.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from catenae import open_documents, open_store
from catenae.operating.erasing import find_traces
from services.bluesky.demo.serving import serving as serving_bluesky
from services.bluesky.demo.timeline import Timeline, address_of, has_text
from services.depression.model.artefact import Model, save_model
from services.forgetting.forget import forget
from services.reddit.client import RedditClient
from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import Community, Gone, Plan, generate
from services.reddit.demo.reddit import LocalReddit, praw_environment
from services.reddit.demo.serving import serving as serving_reddit
from services.reddit.rate_budget import Allowance, RateBudget
from services.topics.sources.bluesky import BlueskyStream
from services.topics.sources.reddit import RedditSearch
from services.topics.sources.source import NotNow, Reading, Step
from services.topics.wanted import FoundPost, Topic
from tests.acceptance.running import kill_one, running, wait_for
from tests.patience import PATIENCE_S
from tests.topologies.topic_counts import counted, found, recounted

pytestmark = pytest.mark.acceptance

PLAN = Plan(users=60, items=3000, prolific=0, opens_utc=1_750_000_000, live=300, live_per_s=1.0)
SOUP = Topic(id="soup", query="soup", sources=["reddit"])
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def community() -> Community:
    return generate(PLAN)


def holding(community: Community, kind: str, word: str) -> set[str]:
    return {
        item.name
        for item in community.items
        if item.kind == kind and item.created_utc <= PLAN.opens_utc and word in _words(item.title, item.text)
    }


def _words(*texts: str) -> set[str]:
    return {word.strip(".,?!") for text in texts for word in text.lower().split()}


def steps(reading: Reading, until: Callable[[Step], bool] = lambda step: step.is_done) -> Iterator[Step]:
    """Yield what each step comes to, up to one that is waited for."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        try:
            step = reading.step()
        except NotNow:
            time.sleep(0.1)
            continue
        yield step
        if until(step):
            return
    raise AssertionError("what was waited for has not come")


def test_reddit_is_searched_through_praw_and_says_what_is_gone(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    reddit = LocalReddit(community, Calendar(PLAN.opens_utc, speed=0))
    reddit.budget.requests = 10**6
    with serving_reddit(reddit) as address, closing(open_store("embedded:")) as store:
        for name, value in praw_environment(address).items():
            monkeypatch.setenv(name, value)
        source = RedditSearch(RedditClient(RateBudget(store, Allowance(1000, 60.0), 0.5)))
        posts: list[FoundPost] = [each for step in steps(source.open(SOUP, None)) for each in step.posts]
        ids = [post["id"] for post in posts]
        reddit.take_away(ids[:1], Gone.BY_AUTHOR)

        assert set(ids) == holding(community, "submission", "soup") != set()
        assert any(post["place"] for post in posts)
        assert source.gone(ids[:50]) == ids[:1]


def test_bluesky_is_read_back_and_goes_on_to_tell_what_is_gone(community: Community) -> None:
    calendar = Calendar(PLAN.opens_utc, speed=0)
    timeline = Timeline(community, calendar.now_utc)
    with serving_bluesky(timeline) as server:
        reading = BlueskyStream(server.address).open(SOUP, None)
        posts = [each for step in steps(reading) for each in step.posts]
        happened = [item for item in community.items if item.created_utc <= PLAN.opens_utc]
        right = {
            address_of(item)
            for item in happened
            if has_text(item) and "soup" in _words(item.title, item.text)
        }
        gone = next(item for item in happened if address_of(item) == posts[0]["id"])
        timeline.delete(gone)

        told = [each.id for step in steps(reading, lambda step: bool(step.gone)) for each in step.gone]
        reading.close()

    assert {post["id"] for post in posts} == right != set()
    assert told == [address_of(gone)]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model of a few words of the generated posts."""
    words = ("feel", "i", "soup", "tired")
    weights = np.array([4.0, 2.0, -2.0, 5.0])
    save_model(Model(words, np.ones(4), weights, bias=-1.0, threshold=0.5), tmp_path / "model")
    return tmp_path / "model"


def options(model: Path) -> list[str]:
    return [
        f"topic_judge.model={model}",
        f"api.model={model}",
        "api.port=0",
        "topic_searches.recheck_s=1e9",
    ]


def test_who_is_erased_while_nothing_runs_is_taken_out_of_all_counts(model: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    texts = ("I feel tired, soup helps", "soup for nobody", "soup and i")
    rows = [
        {
            "id": f"t1_{number}",
            "author": f"somebody_{number % 7}",
            "kind": "comment",
            "created_utc": 1_750_000_000 + 3600 * number,
            "body": f"{texts[number % 3]} number{number}",
        }
        for number in range(70)
    ]
    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        documents.upsert("posts", rows)
        documents.upsert(
            "topics", [{"id": "soup", "query": "soup", "sources": ["held"], "will": "run", "created_ms": 0}]
        )
        with running(data, "topic", options(model)):
            wait_for(lambda: len(found(documents, "soup")) == 70)
            wait_for(lambda: counted(documents, "soup") == recounted(found(documents, "soup")))
    forget("somebody_3", data)

    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        assert documents.count("topic_erased") == 10
        with running(data, "topic", options(model)):
            wait_for(lambda: documents.count("topic_erased") == 0)
            wait_for(lambda: counted(documents, "soup") == recounted(found(documents, "soup")))
        assert sum(counted(documents, "soup")["all"][""]) == len(found(documents, "soup")) == 60
        assert "number3" not in counted(documents, "soup")["word"]
    assert find_traces(data, "somebody_3") == ()


def test_a_search_counts_each_post_once_whatever_is_killed(
    community: Community, model: Path, tmp_path: Path
) -> None:
    data, chance = tmp_path / "data", random.Random(1)
    data.mkdir()
    comments = [item for item in community.items if item.kind == "comment"]
    rows = [
        {
            "id": item.name,
            "author": item.author.name,
            "kind": "comment",
            "created_utc": item.created_utc,
            "body": item.text,
        }
        for item in comments
    ]
    right = {
        topic: {item.name for item in comments if topic in _words(item.text)} for topic in ("soup", "the")
    }
    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        documents.upsert("posts", rows)
        asked = {"sources": ["held"], "most": 10_000, "will": "run", "created_ms": 0}
        documents.upsert("topics", [{"id": topic, "query": topic, **asked} for topic in right])
        with running(data, "topic", options(model)) as process:
            until_s = time.monotonic() + PATIENCE_S
            kills_left, killed_s = 12, 0.0
            while time.monotonic() < until_s:
                time.sleep(0.05)
                has_begun = documents.count("topic_posts") > 0
                if has_begun and kills_left and time.monotonic() - killed_s > 0.4:
                    kill_one(process, chance)
                    kills_left, killed_s = kills_left - 1, time.monotonic()
                is_whole = all(
                    sum(counted(documents, topic)["all"].get("", [0])) == len(ids)
                    for topic, ids in right.items()
                )
                if (
                    is_whole
                    and not kills_left
                    and all(len(found(documents, each)) == len(right[each]) for each in right)
                ):
                    break
        for topic, ids in right.items():
            assert {each["post_id"] for each in found(documents, topic)} == ids
            assert counted(documents, topic) == recounted(found(documents, topic))
        assert kills_left == 0
