"""What has to be so before a data folder is emptied."""

from contextlib import closing
from pathlib import Path

import pytest

from catenae.config import Settings
from catenae.errors import ConfigError
from catenae.packing import pack
from catenae.runtime.journal import JournalEntry
from catenae.stores import open_store
from catenae.topology.local.fresh import require_no_state_outside
from topologies.wordcount import topology

_ENTRY = pack(list(JournalEntry(1, 1, {}, {})))


def test_state_does_not_outlive_the_topics_that_it_was_made_from(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", store=f"embedded:{tmp_path}/elsewhere")
    require_no_state_outside(topology, settings)
    with closing(open_store(settings.store)) as store:
        store.put("wordcount.counter", "\x003", _ENTRY)

    with pytest.raises(ConfigError, match="node 'counter' has State in another place"):
        require_no_state_outside(topology, settings)


def test_state_that_goes_with_the_folder_stands_in_nobodys_way(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    with closing(open_store(settings.store)) as store:
        store.put("wordcount.counter", "\x003", _ENTRY)

    require_no_state_outside(topology, settings)
