"""Images by digest, as a lock says."""

from pathlib import Path

import pytest
import yaml

from catenae.errors import ConfigError
from catenae.operating.compose import compose
from catenae.operating.compose.images import BASE, images_of, pinned, read_lock
from tests.acceptance.command import ROOT
from topologies.wordcount import topology

FILES = compose({"topologies/wordcount.py": topology})
DIGEST = f"sha256:{'0a' * 32}"
LOCK = dict.fromkeys([*images_of(FILES.shared), BASE], DIGEST)


def test_every_image_that_is_made_elsewhere_is_the_one_meant() -> None:
    services = yaml.safe_load(pinned(FILES.shared, LOCK))["services"]

    assert services["kafka"]["image"] == f"apache/kafka:4.3.1@{DIGEST}"
    assert [name for name, each in services.items() if "@" in each["image"]] == [
        "kafka",
        "aerospike",
        "mongodb",
    ]


def test_ours_start_from_the_one_meant() -> None:
    built = yaml.safe_load(pinned(FILES.local, LOCK))["services"]["splitter"]["build"]

    assert built["args"] == {
        "PYTHON": f"3.11-slim-bookworm@{DIGEST}",
        "EXTRAS": "aerospike,fast,mongodb",
    }
    assert f"ARG PYTHON={BASE.removeprefix('python:')}\n" in (ROOT / "docker" / "Dockerfile").read_text()


def test_an_image_that_the_lock_does_not_know_is_named() -> None:
    known = {image: digest for image, digest in LOCK.items() if image != "mongo:8.0"}

    with pytest.raises(ConfigError, match=r"does not know mongo:8\.0; `make lock-images`"):
        pinned(FILES.shared, known)


def test_a_lock_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "images.txt"
    file.write_text(f"# written by hand\n\nmongo:8.0@{DIGEST}  # of today\n")
    assert read_lock(file) == {"mongo:8.0": DIGEST}

    file.write_text(f"mongo:8.0@{DIGEST}\nmongo:latest\n")
    with pytest.raises(ConfigError, match=r"line 2 of .* is not name:tag@sha256"):
        read_lock(file)


def test_a_lock_that_is_missing_says_what_writes_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read; `make lock-images` writes it"):
        read_lock(tmp_path / "images.txt")
