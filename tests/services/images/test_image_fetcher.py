"""The node that fetches images: a post goes on with small thumbnails, whatever its images are."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from catenae import ConfigError, Message, Node, Store, Topology
from catenae.stores import open_store
from catenae.testing import MemoryMetrics, TestDriver, message
from services.images.image_fetcher import BUDGET, ImageFetcher
from services.images.images import NoImage
from services.images.values import THUMBNAIL_BYTES
from services.reddit.rate_budget import OutOfBudget
from tests.services.images.files import FILES, SVG, image

pytestmark = pytest.mark.lengthy

POST: Mapping[str, Any] = {
    "id": "t3_1",
    "author": "ann",
    "kind": "submission",
    "subreddit": "",
    "created_utc": 5,
    "title": "dusk",
    "body": "",
    "link_id": "",
    "parent_id": "",
    "permalink": "",
}


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(open_store("embedded:")) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.jpg").write_bytes(image("JPEG"))
    (tmp_path / "two.jpg").write_bytes(SVG)
    return tmp_path


class Web:
    """A web where every address answers what it is told to."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.asked: list[str] = []
        self._answers = iter(answers)

    def read(self, name: str) -> bytes:
        self.asked.append(name)
        answer = next(self._answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """There is nothing to close."""


@contextmanager
def fetching(store: Store, folder: Path, **options: Any) -> Iterator[tuple[ImageFetcher, MemoryMetrics]]:
    metrics = MemoryMetrics()
    node = ImageFetcher(store, metrics, folder, **options)
    try:
        yield node, metrics
    finally:
        node.teardown()


def fetched(node: ImageFetcher, **fields: Any) -> Message:
    (found,) = node.transform(message({**POST, **fields}))
    return found


def test_a_post_goes_on_with_its_thumbnails_and_why_others_are_none(store: Store, folder: Path) -> None:
    with fetching(store, folder) as (node, metrics):
        found = fetched(node, images=["one.jpg", "two.jpg", "three.jpg", "../one.jpg"])

    thumbnails = found.value["thumbnails"]
    assert [len(each["pixels"]) for each in thumbnails] == [THUMBNAIL_BYTES, 0, 0, 0]
    assert [each["reason"] for each in thumbnails] == ["", "no JPEG, PNG or WebP", "absent", "bad name"]
    assert metrics.values == {"images_decoded_total": 1, "images_set_aside_total": 3}
    assert (found.key, found.value["title"], "images" in found.value) == ("ann", "dusk", False)


def test_a_post_without_images_goes_on_as_it_is(store: Store, folder: Path) -> None:
    with fetching(store, folder) as (node, _):
        assert fetched(node).value == {**POST, "removed": False, "thumbnails": []}


def test_a_post_of_images_alone_is_a_post(store: Store, folder: Path) -> None:
    with fetching(store, folder) as (node, _):
        assert len(fetched(node, title="", images=["one.jpg"]).value["thumbnails"]) == 1
        assert fetched(node, title="").rejected == "no text"


def test_of_a_post_that_is_removed_nothing_is_fetched(store: Store, folder: Path) -> None:
    web = Web()
    with fetching(store, folder, web=web) as (node, _):
        found = fetched(node, removed=True, images=["https://images.example.org/1", "one.jpg"])

    assert (found.value["removed"], found.value["thumbnails"], web.asked) == (True, [], [])


def test_nobody_on_the_web_is_asked_unless_told_so(store: Store, folder: Path) -> None:
    with fetching(store, folder) as (node, _):
        (thumbnail,) = fetched(node, images=["https://images.example.org/1"]).value["thumbnails"]

    assert thumbnail["reason"] == "host not allowed"


def test_an_address_is_read_on_the_web_and_a_file_in_the_folder(store: Store, folder: Path) -> None:
    web = Web(image("PNG"), NoImage("gone"))
    with fetching(store, folder, web=web) as (node, _):
        found = fetched(node, images=["https://a.example/1", "one.jpg", "https://a.example/2"])

    assert web.asked == ["https://a.example/1", "https://a.example/2"]
    assert [each["reason"] for each in found.value["thumbnails"]] == ["", "", "gone"]


def test_so_many_images_of_a_post_are_looked_at(store: Store, folder: Path) -> None:
    with fetching(store, folder, most_images=2) as (node, _):
        assert len(fetched(node, images=["one.jpg"] * 9).value["thumbnails"]) == 2


def test_a_host_has_one_budget_and_another_host_its_own(store: Store, folder: Path) -> None:
    hosts = ["a.example", "b.example"]
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        # There is no network: whoever has a turn looks a name up.
        asked.append(host)
        return []

    with fetching(store, folder, hosts=hosts, budget_requests=2, budget_window_s=600.0) as (node, _):
        node._web._resolve = resolve  # type: ignore[attr-defined]
        fetched(node, images=["https://a.example/1", "https://b.example/1"])
        with pytest.raises(OutOfBudget):
            fetched(node, images=["https://a.example/2"])

    assert asked == hosts
    assert all(store.get(BUDGET, host) for host in hosts)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"folder": Path("nowhere")}, "'folder'"),
        ({"hosts": ["https://x"]}, "'hosts'"),
        ({"most_images": 0}, "'most_images'"),
        ({"most_images": 21}, "'most_images'"),
    ],
)
def test_an_option_that_cannot_be_is_told_at_the_start(
    store: Store, folder: Path, options: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(ConfigError, match=wrong):
        ImageFetcher(store, MemoryMetrics(), **{"folder": folder, **options})


NODE = Node(
    "image_fetcher",
    "services.images.image_fetcher:ImageFetcher",
    reads="texts",
    writes="illustrated",
    concurrency=4,
)
TOPOLOGY = Topology("thumbnails", nodes=(NODE,), external=("texts",), exported=("illustrated",))


def test_no_file_ends_the_node_and_every_post_goes_on_in_order(folder: Path) -> None:
    for number, (make, _) in enumerate(FILES.values()):
        (folder / f"{number}").write_bytes(make())
    with TestDriver(TOPOLOGY, {"image_fetcher": {"folder": str(folder)}}) as driver:
        for number in range(len(FILES)):
            post = {**POST, "id": f"t3_{number}", "images": [f"{number}"]}
            driver.send("texts", post, key="ann")
        found = [each.value for each in driver.read("illustrated")]

    assert [each["id"] for each in found] == [f"t3_{number}" for number in range(len(FILES))]
    assert [each["thumbnails"][0]["reason"] for each in found] == [why for _, why in FILES.values()]


def test_what_is_no_list_of_names_is_set_aside(folder: Path) -> None:
    with TestDriver(TOPOLOGY, {"image_fetcher": {"folder": str(folder)}}, expect_errors=True) as driver:
        for images in ("one.jpg", [1], [None], ["x" * 2001], ["x"] * 21, {"a": 1}):
            driver.send("texts", {**POST, "images": images}, key="ann")

        assert (driver.read("illustrated"), len(driver.read("texts.dead"))) == ([], 6)


def test_neither_a_name_nor_an_address_is_logged(
    store: Store, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with fetching(store, folder, hosts=["a.example"]) as (node, _):
        node._web._resolve = lambda _host, _port: ["127.0.0.1"]  # type: ignore[attr-defined]
        fetched(node, images=["https://a.example/ann.jpg", "ann.jpg", "../ann", "two.jpg"])

    assert "ann" not in caplog.text


def test_threads_share_one_decoder(store: Store, folder: Path) -> None:
    found: list[Message] = []
    with fetching(store, folder) as (node, _):
        threads = [
            threading.Thread(target=lambda: found.append(fetched(node, images=["one.jpg"] * 4)))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len({each["pixels"] for one in found for each in one.value["thumbnails"]}) == 1
