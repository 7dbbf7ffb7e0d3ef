"""The whole screening in one process, against scikit-learn on all that each user wrote so far."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catenae import Documents, Message
from catenae.operating.check import check
from catenae.stores import open_documents, open_store
from catenae.testing import drain
from services.depression.evaluate import probabilities
from services.depression.model.artefact import load_model, save_model
from services.depression.model.certainty import Calibration, Certainty, Line
from services.depression.model.collection import Post
from services.depression.model.course import course
from services.depression.model.policies import running
from services.depression.model.text import own_words
from services.forgetting.request import request
from services.models.folder import read_folder
from services.models.shelf import ModelShelf
from services.reddit.records import text_record
from topologies.depression import topology

Row = Mapping[str, Any]
Screening = tuple[Path, Callable[[Sequence[str]], Sequence[float]]]
MODEL_NODES = ("text_vectoriser", "tfidf_transformer", "logistic_predictor")


def screen(
    texts: Iterable[Row | Message], model: Path | str, replay: Path, documents: Documents | None = None
) -> dict[str, list[Message]]:
    options = {node: {"model": str(model)} for node in MODEL_NODES}
    return drain(
        topology,
        {"texts": [text if isinstance(text, Message) else Message(text, text["author"]) for text in texts]},
        {**options, "replay": {"path": str(replay)}},
        documents=documents,
    )


def by_user(messages: Iterable[Message], field: str) -> dict[str, list[float]]:
    found = defaultdict(list)
    for each in messages:
        found[each.value["user"]].append(each.value[field])
    return found


def texts_of(posts: Iterable[Row]) -> dict[str, list[str]]:
    texts = defaultdict(list)
    for post in posts:
        texts[post["author"]].append(own_words(text_record(post)))
    return texts


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file that the replay finds empty."""
    file = tmp_path_factory.mktemp("nothing") / "empty.jsonl"
    file.write_text("\n")
    return file


@pytest.fixture(scope="module")
def topics(screening: Screening, invented: Sequence[Row], nothing: Path) -> Mapping[str, list[Message]]:
    """Return what has come of the invented posts."""
    return screen(invented, screening[0], nothing)


@pytest.mark.lengthy
def test_the_declaration_agrees_with_the_code() -> None:
    assert check(topology) == []


@pytest.mark.lengthy
def test_every_post_makes_the_probability_that_scikit_learn_gives_for_the_whole_text(
    screening: Screening, invented: Sequence[Row], topics: Mapping[str, list[Message]]
) -> None:
    _, reference = screening

    found = by_user(topics["user_probabilities"], "probability")

    for user, texts in texts_of(invented).items():
        so_far = ["\n".join(texts[: number + 1]) for number in range(len(texts))]
        assert found[user] == pytest.approx(reference(so_far), abs=1e-9)


@pytest.mark.lengthy
def test_every_post_has_the_probability_of_its_own_text(
    screening: Screening, invented: Sequence[Row], topics: Mapping[str, list[Message]]
) -> None:
    _, reference = screening

    found = by_user(topics["text_probabilities"], "post_probability")

    for user, texts in texts_of(invented).items():
        assert found[user] == pytest.approx(reference(texts), abs=1e-9)


@pytest.mark.lengthy
def test_a_model_from_a_store_gives_the_same(
    screening: Screening,
    invented: Sequence[Row],
    topics: Mapping[str, list[Message]],
    nothing: Path,
    tmp_path: Path,
) -> None:
    folder, _ = screening
    with closing(open_store(f"embedded:{tmp_path}/models")) as store:
        files = read_folder(folder)
        ModelShelf(store).push(files, "depression")
        version = files.version

    from_store = screen(invented, f"embedded:{tmp_path}/models#depression@{version}", nothing)

    expected = topics["user_probabilities"]
    assert [each.value for each in from_store["user_probabilities"]] == [each.value for each in expected]


def test_alerts_are_those_of_the_running_rule(
    screening: Screening, invented: Sequence[Row], topics: Mapping[str, list[Message]]
) -> None:
    model = load_model(screening[0])
    decide = running(model.threshold, model.certainty.min_posts)
    posts = defaultdict(list)
    for post in invented:
        record = text_record(post)
        posts[record["author"]].append(
            Post(record["id"], record["author"], record["created_utc"], own_words(record))
        )
    decided = {user: decide(course(model, of_user)) for user, of_user in posts.items()}
    expected = {user: decision.posts for user, decision in decided.items() if decision.positive}

    alerts = {each.value["user"]: each.value for each in topics["alerts"]}  # a withdrawn one says no more

    opened = {user: alert["opened_after"] for user, alert in alerts.items() if "opened_after" in alert}
    assert opened == expected
    assert 0 < len(expected) < len(texts_of(invented))


@pytest.mark.lengthy
def test_removed_posts_leave_the_probability_of_what_remains(
    screening: Screening, invented: Sequence[Row], nothing: Path
) -> None:
    folder, reference = screening
    gone = [{**post, "removed": True} for post in invented[::3]]
    remaining = texts_of(post for number, post in enumerate(invented) if number % 3)

    found = by_user(screen([*invented, *gone], folder, nothing)["user_probabilities"], "probability")

    for user, texts in remaining.items():
        assert found[user][-1] == pytest.approx(reference(["\n".join(texts)])[0], abs=1e-9)


@pytest.mark.lengthy
def test_a_model_that_says_how_sure_it_is_gives_what_a_recount_gives_also_after_removals(
    screening: Screening, invented: Sequence[Row], nothing: Path, tmp_path: Path
) -> None:
    curve = Calibration(few=Line(0.2, -2.0), many=Line(1.3, 0.4), half=4.0)
    model = replace(load_model(screening[0]), certainty=Certainty(50.0, curve, min_posts=2))
    save_model(model, tmp_path / "model")
    gone = [{**post, "removed": True} for post in invented[::3]]
    remaining = texts_of(post for number, post in enumerate(invented) if number % 3)

    topics = screen([*invented, *gone], tmp_path / "model", nothing)

    found = by_user(topics["user_probabilities"], "probability")
    own = [
        each.value["post_probability"] for each in topics["text_probabilities"] if not each.value["removed"]
    ]
    for user, texts in texts_of(invented).items():
        assert found[user][: len(texts)] == pytest.approx(probabilities(model, texts), abs=1e-9)
        assert found[user][-1] == pytest.approx(probabilities(model, remaining[user])[-1], abs=1e-9)
    alone = [probabilities(model, [own_words(text_record(post))])[0] for post in invented]
    assert sorted(own) == pytest.approx(sorted(alone), abs=1e-9)


@pytest.mark.lengthy
def test_who_is_forgotten_has_what_a_recount_of_the_later_posts_gives(
    screening: Screening,
    invented: Sequence[Row],
    nothing: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    curve = Calibration(few=Line(0.2, -2.0), many=Line(1.3, 0.4), half=4.0)
    model = replace(load_model(screening[0]), certainty=Certainty(50.0, curve, min_posts=2))
    save_model(model, tmp_path / "model")
    # On a topic that others may write to nobody can ask for this but our own nodes.
    monkeypatch.setattr(f"{__name__}.topology", replace(topology, external=()))
    earlier, later = invented[:100], invented[100:]
    messages = [Message(post, post["author"]) for post in earlier]
    messages += [request("user 3"), *(Message(post, post["author"]) for post in later)]

    topics = screen(messages, tmp_path / "model", nothing)

    told = [each for each in topics["user_probabilities"] if "posts" in each.value]
    found = by_user(told, "probability")["user 3"]
    texts = texts_of(later)["user 3"]
    assert found[-len(texts) :] == pytest.approx(probabilities(model, texts), abs=1e-9)
    assert len(found) == len(texts) + len(texts_of(earlier)["user 3"])


@pytest.mark.lengthy
def test_the_replay_feeds_it_and_odd_rows_are_set_aside(
    screening: Screening, invented: Sequence[Row], tmp_path: Path
) -> None:
    rows = [json.dumps(post) for post in invented]
    (tmp_path / "stream.jsonl").write_text("\n".join([*rows[:100], "{odd", *rows[100:]]))

    topics = screen([], screening[0], tmp_path / "stream.jsonl")

    assert [dead.value for dead in topics["texts.dead"]] == [b"{odd"]
    assert len(topics["text_probabilities"]) == len(invented)


@pytest.mark.lengthy
def test_what_it_finds_is_kept_as_documents(
    screening: Screening, invented: Sequence[Row], nothing: Path
) -> None:
    with closing(open_documents("sqlite:")) as documents:
        topics = screen([*invented, {**invented[0], "removed": True}], screening[0], nothing, documents)
        users = {each.value["user"]: each.value for each in topics["user_probabilities"]}

        assert documents.count("posts") == documents.count("probabilities") == len(invented) - 1
        assert documents.get("users", "user 1") == {"id": "user 1", **users["user 1"]}
        assert documents.count("alerts") == len({each.key for each in topics["alerts"]})


@pytest.mark.lengthy
def test_what_experts_say_of_an_alert_stays(
    screening: Screening, invented: Sequence[Row], nothing: Path
) -> None:
    with closing(open_documents("sqlite:")) as documents:
        documents.upsert("alerts", [{"id": f"user {number}", "label": "risk"} for number in range(15)])

        topics = screen(invented, screening[0], nothing, documents)

        kept = [documents.get("alerts", each.value["user"]) or {} for each in topics["alerts"]]
        assert {each["label"] for each in kept} == {"risk"}
        assert all("probability" in each for each in kept)
