"""What is passed on of images: small pictures, and why there are none."""

from typing import Annotated, TypedDict

from msgspec import Meta

from services.reddit.records import MOST_IMAGES, TextRow

SIDE = 128
PICTURE_BYTES = SIDE * SIDE * 3


class Picture(TypedDict):
    """An image of a post, or why there is none.

    pixels  SIDE · SIDE · 3 bytes, row by row, red, green and blue of each pixel; empty where there is none
    reason  a few fixed words; empty where there is one
    """

    pixels: Annotated[bytes, Meta(max_length=PICTURE_BYTES)]
    reason: Annotated[str, Meta(max_length=100)]


class PicturedRow(TextRow, total=False):
    """A text record with the pictures of its images, in their order; the addresses of these are left out."""

    pictures: Annotated[list[Picture], Meta(max_length=MOST_IMAGES)] | None
