"""What is passed on of images: thumbnails, and why there are none."""

from typing import Annotated, TypedDict

from msgspec import Meta

from services.reddit.records import MOST_IMAGES, TextRow

SIDE = 128
THUMBNAIL_BYTES = SIDE * SIDE * 3


class Thumbnail(TypedDict):
    """An image of a post, or why there is none.

    pixels  SIDE · SIDE · 3 bytes, row by row, red, green and blue of each pixel; empty where there is none
    reason  a few fixed words; empty where there is one
    """

    pixels: Annotated[bytes, Meta(max_length=THUMBNAIL_BYTES)]
    reason: Annotated[str, Meta(max_length=100)]


class IllustratedRow(TextRow, total=False):
    """A text record with the thumbnails of its images, in their order, in place of the images' addresses."""

    thumbnails: Annotated[list[Thumbnail], Meta(max_length=MOST_IMAGES)] | None
