"""The node that looks at images so that no other one has to: addresses in, thumbnails out."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from catenae import ConfigError, Message, Metrics, Middle, Store
from services.images.decoder import Decoder
from services.images.folder import FolderImages
from services.images.images import Images, NoImage
from services.images.values import Thumbnail
from services.images.web import WebImages
from services.reddit.rate_budget import Allowance, RateBudget
from services.reddit.records import MOST_IMAGES, OddRow, TextRow, text_record

BUDGET = "images.budget"


class ImageFetcher(Middle):
    """Fetch the images of posts. Reads text records whose `images` names some; writes them with `thumbnails`
    in place of that, keyed by author.

    What is no image, or may not be had, is a reason in its place, and the post goes on. A post that is
    removed goes on without. Where a host's turn does not come soon, the post is tried again. A name with
    "://" in it is an address, any other one that of a file.

    folder           what files are looked for in
    hosts            that may be asked; none unless named: "images.example.org", or with ":" and a port
    most_images      of a post; more are left out
    budget_requests  that a host gets at most in any window, of all instances together
    budget_window_s  how long that is
    """

    def __init__(  # noqa: PLR0913, PLR0917  collaborators and options
        self,
        store: Store,
        metrics: Metrics,
        folder: Path = Path("data/images"),
        hosts: Sequence[str] = (),
        most_images: int = 4,
        budget_requests: int = 60,
        budget_window_s: float = 60.0,
        web: Images | None = None,
    ) -> None:
        if not folder.is_dir():
            raise ConfigError(
                f"option 'folder' of ImageFetcher is {str(folder)!r}, which is none. Make it, or name another"
            )
        if not 1 <= most_images <= MOST_IMAGES:
            raise ConfigError(
                f"option 'most_images' of ImageFetcher is {most_images}; give 1 to {MOST_IMAGES}"
            )
        self._folder = FolderImages(folder)
        turns = _turns(store, Allowance(budget_requests, budget_window_s))
        self._web = web or WebImages(hosts, lambda host: turns(host).take())
        self._decoder = Decoder()
        self._most_images = most_images
        self._thumbnails = metrics.counter("images_decoded", "Images of which a thumbnail was passed on")
        self._none = metrics.counter("images_set_aside", "Images of which none was passed on")

    def teardown(self) -> None:
        self._decoder.close()
        self._web.close()

    def transform(self, message: Message[TextRow]) -> Iterator[Message]:
        try:
            record = text_record(message.value)
        except OddRow as odd:
            yield message.reject(odd.reason)
            return
        names = record.pop("images", [])[: self._most_images]
        is_removed = message.value.get("removed") is True
        thumbnails = [] if is_removed else [self._thumbnail(name) for name in names]
        yield message.derive(
            {**record, "removed": is_removed, "thumbnails": thumbnails}, key=record["author"]
        )

    def _thumbnail(self, name: str) -> Thumbnail:
        place = self._web if "://" in name else self._folder
        try:
            pixels = self._decoder.thumbnail(place.read(name))
        except NoImage as none:
            self._none.add()
            return {"pixels": b"", "reason": none.reason}
        self._thumbnails.add()
        return {"pixels": pixels, "reason": ""}


def _turns(store: Store, allowance: Allowance) -> Callable[[str], RateBudget]:
    """Return what has the budget of each host, one for all threads."""
    return cache(lambda host: RateBudget(store, allowance, place=(BUDGET, host)))
