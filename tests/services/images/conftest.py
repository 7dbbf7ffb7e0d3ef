"""What tests of images share: one process that decodes."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from services.images.decoder import Decoder


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with closing(Decoder()) as opened:
        yield opened
