"""An embedded broker whose disk is full: refused, waited for, and gone on with once there is room."""

import os
import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from catenae.broker import TopicSpec
from catenae.brokers import open_broker
from catenae.errors import NoRoom
from catenae.message import Record

RECORD = Record("t", None, os.urandom(100_000), partition=0)


@contextmanager
def files_no_larger_than(size_bytes: int) -> Iterator[None]:
    """Have the system refuse what goes beyond, as a full disk does."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


def test_a_broker_goes_on_in_the_same_process_once_there_is_room(tmp_path: Path) -> None:
    with closing(open_broker(f"embedded:{tmp_path}")) as broker:
        broker.create_topics([TopicSpec("t", 1)])
        broker.append([RECORD])
        size_bytes = (tmp_path / "data.mdb").stat().st_size
        with files_no_larger_than(size_bytes), pytest.raises(NoRoom, match="make room"):
            broker.append([RECORD] * 50)
        held = broker.spans("t")[0].end

        broker.append([RECORD])
        assert len(broker.read("t", 0, 0, held + 1)) == held + 1
