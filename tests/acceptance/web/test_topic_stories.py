"""The view Topics in a real browser, over a topology that searches: what a specialist does with it."""

import json
import random
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Download, Locator, Page, expect

from catenae import open_documents
from services.depression.model.artefact import Model, save_model
from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.screening_site import Site, build_page
from tests.acceptance.web.test_looks import violations
from tests.servers.ports import free_ports

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

DAY_S = 86_400
BEGAN_UTC = 1_750_000_000 - 1_750_000_000 % DAY_S
PLACES = ("Madrid, Spain", "London", "the moon", "")
TIRED, FINE, MAYBE = "I feel so tired of it all #sleep", "my garden is fine, tired roses", "tired again"
SPANISH = ("me siento muy cansado de todo esto", "mi jardín está muy bien, y yo cansado")
# In pixels, with what is above and below the letters.
SMALLEST_TICK = (
    "Math.min(...[...document.querySelectorAll('.tick')].map((each) => each.getBoundingClientRect().height))"
)
DOCUMENTS = "documents.sqlite"
# Of a kind that is another than that of the model in use: a manifest is all that its card is made of.
MANIFEST: dict[str, Any] = {
    "version": "0123456789ab",
    "kind": "encoder",
    "about": "low mood",
    "languages": ["en"],
    "labels": ["no", "yes"],
    "reading": 2,
    "preprocessing": ["links", "mentions", "emoticons"],
    "threshold": 0.6,
    "encoder": {"name": "e", "package": "p", "version": "1", "licence": "Apache-2.0", "longest": 2000},
    "training": {
        "posts": 400,
        "positives": 100,
        "repeated": 3,
        "contradicting": 1,
        "split_by_user": True,
        "parts": [320, 40, 40],
        "held_out": {"f1": 0.91},
        "epochs": [{"loss": 0.3, "accuracy": 0.9, "held_loss": 0.2, "held_accuracy": 0.95}],
    },
}


def rows() -> list[dict[str, Any]]:
    chance = random.Random(3)
    spanish = [
        {
            "id": f"t1_{1000 + number}",
            "author": f"alguien{number}",
            "created_utc": BEGAN_UTC + number * 3600,
            "body": f"{SPANISH[number % 2]} número{number}",
            "link_id": "t3_1",
            "location": "Lima",
        }
        for number in range(8)
    ]
    return spanish + [
        {
            "id": f"t1_{number}",
            "author": f"somebody{number % 12}",
            "created_utc": BEGAN_UTC + number * 3 * 3600,
            "body": f"{chance.choice((TIRED, FINE, MAYBE))} number{number}",
            "link_id": "t3_1",
            "location": PLACES[number % 4],
        }
        for number in range(60)
    ]


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("topics")
    words = ("feel", "garden", "i", "jardín", "roses", "siento")
    weights = np.array([3.0, -3.0, 3.0, -6.0, -3.0, 6.0])
    save_model(Model(words, np.ones(6), weights, bias=0.0, threshold=0.5), folder / "model")
    (folder / "models" / "sentences").mkdir(parents=True)
    (folder / "models" / "sentences" / "manifest.json").write_text(json.dumps(MANIFEST))
    (folder / "tweets.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in rows()))
    with closing(open_documents(f"sqlite:{folder / DOCUMENTS}")) as documents:
        # Another search, made before: of what is fine.
        made = {"sources": ["collection"], "most": 1000, "will": "run", "run": 1, "created_by": "curator"}
        documents.upsert("topics", [{"id": "garden", "query": "garden", "created_ms": 1, **made}])
        documents.upsert("topics", [{"id": "tired", "query": "tired", "created_ms": 2, **made}])
        documents.upsert("topics", [{"id": "cansado", "query": "cansado", "created_ms": 0, **made}])
    build_page()
    (port,) = free_ports(1)
    options = {
        "topic_searches.collection": folder / "tweets.jsonl",
        "topic_judge.model": folder / "model",
        "api.model": folder / "model",
        "api.port": port,
    }
    command = ["catenae", "up", "topologies/topic.py", "--data", str(folder), "--http-port", "0"]
    running = Site(folder, [*command, *(f"--option={name}={value}" for name, value in options.items())], port)
    yield running
    running.stop()


@pytest.fixture
def page(topics: Site, open_page: OpenPage) -> Page:
    """The search for "tired", done and all judged."""
    opened = open_page(topics, "curator", path="/#/topics/tired")
    expect(opened.get_by_text("60 found of 1,000 at most, 60 judged")).to_be_visible()
    return opened


def posts(page: Page, called: str = "Posts") -> Locator:
    return page.get_by_role("list", name=called).get_by_role("article")


def sign_in(page: Page) -> None:
    """Sign in as a curator, in whatever language the page is."""
    page.locator("input").first.fill("curator")
    page.locator("input[type=password]").fill("a horse, a staple, a battery")
    page.keyboard.press("Enter")


def bar(page: Page, title: str, name: str | re.Pattern[str]) -> Locator:
    return page.get_by_role("figure", name=title, exact=True).get_by_role("button", name=name)


def test_a_specialist_types_a_topic_and_sees_what_is_found(topics: Site, open_page: OpenPage) -> None:
    page = open_page(topics, "reviewer", path="/#/topics")
    page.get_by_role("button", name="New search").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Words that each post must hold").fill("tired feel")
    dialog.get_by_label("How many posts at most").fill("5")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=2, name="tired feel")).to_be_visible()
    expect(page.get_by_text("5 found of 5 at most, 5 judged")).to_be_visible()
    expect(posts(page)).to_have_count(5)
    expect(page.get_by_text("A share of posts is no prevalence among people").first).to_be_visible()
    expect(page.locator("mark").filter(has_text="feel").first).to_be_visible()
    assert "somebody" not in page.inner_text("main")


@pytest.mark.long
def test_a_post_shows_its_record_under_a_pseudonym(page: Page) -> None:
    bar(page, "Places", "Madrid, Spain: 15 posts").click()
    bar(page, "By class", re.compile("^Signs")).click()

    post = posts(page).first
    for shown in ("#sleep", "English", "Collection", "Madrid, Spain", "Jun 2025", "user_"):
        expect(post).to_contain_text(shown)
    assert "somebody" not in page.content()


@pytest.mark.long
def test_spanish_posts_are_searched_and_their_words_told_in_spanish(
    topics: Site, open_page: OpenPage
) -> None:
    page = open_page(topics, None, "/#/topics/cansado", locale="es-ES")
    sign_in(page)
    expect(page.get_by_text("8 encontrados de 1000 como máximo, 8 juzgados")).to_be_visible()

    bar(page, "Idiomas", re.compile("^español")).click()
    expect(posts(page, "Mensajes")).to_have_count(8)
    telling = page.get_by_role("figure", name="Palabras: Con señales").get_by_role("button")
    assert any(each.startswith("siento") for each in telling.all_inner_texts())
    bar(page, "Por clase", re.compile("^Con señales")).click()

    expect(posts(page, "Mensajes")).to_have_count(4)
    expect(page.locator("mark").filter(has_text="siento").first).to_be_visible()
    expect(posts(page, "Mensajes").first).to_contain_text("Lima, Perú")


@pytest.mark.long
def test_the_card_of_a_classifier_says_how_it_prepares_and_how_it_learned(
    topics: Site, open_page: OpenPage
) -> None:
    page = open_page(topics, "curator", path="/#/topics")
    page.get_by_role("button", name="Account and settings").click()
    shown = page.locator(".menu-versions div").filter(has_text=MANIFEST["version"])
    shown.get_by_role("button", name="Model card").click()

    card = page.get_by_role("dialog", name="Model card")
    expect(card).to_contain_text("Preprocessing: links, mentions, emoticons")
    expect(card).to_contain_text("licence Apache-2.0")
    expect(card).to_contain_text("40 posts that nothing was chosen by")
    expect(card).to_contain_text("accuracy held out")


def test_the_legend_and_the_pie_filter_the_posts_and_stand_in_the_address(page: Page) -> None:
    signs = bar(page, "By class", re.compile("^Signs"))
    number = int(signs.locator(".legend-value").inner_text())

    signs.click()
    expect(posts(page)).to_have_count(number)
    page.reload()

    expect(posts(page)).to_have_count(number)
    expect(page.get_by_role("button", name="No longer filter by Signs")).to_be_visible()
    page.locator(".pie path[data-label=not_sure]").click()
    expect(page.get_by_role("button", name="No longer filter by Not sure")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(posts(page)).to_have_count(50)


@pytest.mark.long
def test_a_mark_of_the_time_line_is_chosen_by_keys(page: Page) -> None:
    moments = page.get_by_role("figure", name="Share with signs over time").locator(".moment")
    moments.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(moments.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("of 1 posts show signs")).to_be_visible()
    expect(posts(page)).to_have_count(1)


@pytest.mark.long
def test_places_filter_the_posts_the_unknown_ones_too(page: Page) -> None:
    bar(page, "Places", "Madrid, Spain: 15 posts").click()
    expect(posts(page)).to_have_count(15)
    expect(posts(page).first).to_contain_text("Madrid, Spain")

    bar(page, "Places", "Madrid, Spain: 15 posts").click()
    bar(page, "Places", "Unknown: 30 posts").click()

    expect(posts(page)).to_have_count(30)
    expect(posts(page).first).to_contain_text("Place unknown")


@pytest.mark.long
def test_hashtags_and_words_filter_the_posts(page: Page) -> None:
    tagged = bar(page, "Hashtags", "#sleep")
    number = int((tagged.get_attribute("title") or "").split(": ")[1].split(" ")[0])
    tagged.click()
    expect(posts(page)).to_have_count(number)
    page.get_by_role("button", name="Show all").click()

    page.get_by_label("Most frequent").check()
    bar(page, "Words: No signs", "garden:").click()

    expect(posts(page).first).to_contain_text("garden")
    expect(posts(page).filter(has_text="feel")).to_have_count(0)


@pytest.mark.long
def test_the_most_telling_words_are_not_the_most_frequent(page: Page) -> None:
    telling = page.get_by_role("figure", name="Words: Signs").get_by_role("button")
    expect(telling.first).to_be_visible()
    names = [each.split(":")[0] for each in telling.all_inner_texts()]

    assert {"feel", "sleep"} <= set(names)
    assert "tired" not in names[:5]


@pytest.mark.long
def test_two_searches_and_two_times_stand_side_by_side(page: Page) -> None:
    page.get_by_text("Set another search or time beside").click()
    page.locator(".beside select").select_option("garden")
    expect(page.locator(".side-title")).to_have_text(["tired", "garden"])
    expect(page.locator(".topic-share")).to_have_count(2)

    page.locator(".beside select").select_option("The same search")
    first = page.get_by_role("group", name="Time shown beside").get_by_label("From")
    first.fill("2025-06-18")

    expect(page.locator(".side-title").nth(1)).to_contain_text("18 Jun 2025")
    expect(page.locator(".topic-share").nth(1)).not_to_contain_text("of 60 posts")
    page.reload()
    expect(page.locator(".side-title").nth(1)).to_contain_text("18 Jun 2025")


@pytest.mark.parametrize(
    ("way", "begins"),
    [
        ("CSV", b"Class,Posts"),
        pytest.param("SVG", b"<svg", marks=pytest.mark.long),
        pytest.param("PNG", b"\x89PNG", marks=pytest.mark.long),
    ],
)
def test_every_chart_can_be_taken_away(page: Page, way: str, begins: bytes, tmp_path: Path) -> None:
    with page.expect_download() as taken:
        page.get_by_role("button", name=f"By class: {way}").click()

    download: Download = taken.value
    download.save_as(tmp_path / "taken")
    assert download.suggested_filename == f"topic-classes.{way.lower()}"
    assert (tmp_path / "taken").read_bytes().startswith(begins)


def test_a_search_is_stopped_kept_as_a_watch_and_forgotten(topics: Site, open_page: OpenPage) -> None:
    page = open_page(topics, "curator", path="/#/topics")
    page.get_by_role("button", name="New search").click()
    page.get_by_role("dialog").get_by_label("Words that each post must hold").fill("roses")
    page.get_by_role("dialog").get_by_label("Keep as a watch").check()
    page.keyboard.press("Enter")
    expect(page.get_by_role("listitem").filter(has_text="roses").get_by_text("Watch")).to_be_visible()

    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.get_by_role("button", name="Forget this search").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget for ever").click()

    expect(page.get_by_role("link", name="roses")).to_have_count(0)
    with closing(open_documents(f"sqlite:{topics.folder / DOCUMENTS}")) as documents:
        assert documents.count("topics", {"query": "roses", "will": "run"}) == 0


@pytest.mark.long
def test_a_reviewer_is_not_offered_to_forget(topics: Site, open_page: OpenPage) -> None:
    page = open_page(topics, "reviewer", path="/#/topics/tired")

    expect(page.get_by_role("button", name="Search again")).to_be_visible()
    expect(page.get_by_role("button", name="Forget this search")).to_have_count(0)


@pytest.mark.parametrize(
    ("width", "scheme", "locale"),
    [(360, "dark", "es-ES"), pytest.param(1440, "light", "en-GB", marks=pytest.mark.long)],
)
def test_the_view_is_open_to_everybody(
    topics: Site, open_page: OpenPage, axe: str, width: int, scheme: str, locale: str
) -> None:
    page = open_page(
        topics,
        None,
        "/#/topics/tired",
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        locale=locale,
    )
    sign_in(page)
    expect(page.locator(".topic-figure").first).to_be_visible()
    expect(page.locator(".topic-post").first).to_be_visible()

    assert violations(page, axe) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert page.evaluate(SMALLEST_TICK) >= 10
    page.goto(f"{topics.address}/#/topics/tired?label=signs&beside=garden")
    expect(page.locator(".side-title")).to_have_count(2)
    assert violations(page, axe) == []
