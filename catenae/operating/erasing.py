"""Keys erased where nothing runs: from topics, State, journals and documents; from files, bytes and all.

What travels with a key belongs to it: records of that key, or whose value names it in a field that is
declared to name keys, also if a Source refused them. Other records that happen to hold the same word, be it
as the whole of another field, do not belong to it, and stay.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Set
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.config import Settings
from catenae.deployment.data_folder import DataFolder
from catenae.deployment.places import noted, require_places
from catenae.deployment.reading import read_spans, value_told
from catenae.errors import BrokerError, CodecError, ConfigError, DataFolderError
from catenae.lmdb.options import LmdbOptions
from catenae.message import Record
from catenae.operating.words import Words, pattern_of
from catenae.runtime.erasing_keys import erase_keys
from catenae.store import Documents, Store
from catenae.stores import open_documents, open_store

EMBEDDED, SQLITE = "embedded:", "sqlite:"
BLOCK_BYTES = 4 << 20
# So many are looked for in bytes in less time than it takes to decode these.
FEW = 8


@dataclass(frozen=True, slots=True)
class Erased:
    """What there was of the keys, and where these words can still be read.

    mentions  records of others that hold it
    traces    files of the data folder that hold it; records are compressed, and counted by `mentions`
    servers   of "broker", "store" and "documents", those on a server. A broker keeps records for their
              retention. The others were erased, but in how many copies what was erased is still on their
              disks nobody can say; a store keeps the key, without anything else
    """

    records: int
    states: int
    documents: int
    mentions: int
    traces: tuple[Path, ...]
    servers: tuple[str, ...] = ()


def erase(
    keys: Set[str],
    settings: Settings,
    fields: Mapping[str, str],
    owns: Callable[[str], bool] | None = None,
    first: Callable[[Store], None] | None = None,
) -> Erased:
    """Erase keys while nothing runs on the data folder, then look for their bytes in all of its files.

    fields  collection → the field in which documents name a key; so do values of records, but for "id",
            which names the record itself
    owns    says of a State key whether it is one of these keys; their equals alone unless given
    first   what is done with the store before anything is erased, once nothing stands in the way

    Of a broker on a server no record is erased. So have the topology forget the keys while it runs: what
    waited there would otherwise be handled at the next start, as if it were new.

    Doing it again is fine, also after it was interrupted. Raises `ConfigError` for a broker, store or
    documents in memory, or places other than those of the topologies that ran on the folder,
    `DataFolderError` while the folder or a file in it is in use, `BrokerError` while an instance runs, and
    `BrokerUnavailable` or `StoreUnavailable` for a server that is away.
    """
    # Only here: whoever imports catenae would load every adapter.
    from catenae.lmdb.rebuild import is_open, rebuild  # noqa: PLC0415
    from catenae.stores.sqlite import vacuum  # noqa: PLC0415

    words = Words(keys)
    log, store = _file(settings.broker, EMBEDDED), _file(settings.store, EMBEDDED)
    documents = _file(settings.documents, SQLITE)
    folder = DataFolder(settings.data)
    folder.require_format()
    require_places(folder, settings)
    if not folder.path.is_dir():
        raise DataFolderError(f"there is no data folder {str(folder.path)!r}; name it with --data")
    with folder.lock():
        for each in (log, store):
            if each is not None and is_open(each):
                raise DataFolderError(f"{str(each)!r} is open in another process; stop what uses it first")
        if log is None:
            _require_no_instances(folder, settings)
        if first is not None:
            with closing(open_store(settings.store)) as opened:
                first(opened)
        records, mentions = _erase_records(keys, settings.broker, log, fields.values(), words)
        states = found = 0
        if store is None or (store / "data.mdb").exists():
            with closing(open_store(settings.store)) as opened:
                states = erase_keys(opened, owns or keys.__contains__)
            if store is not None:
                rebuild(settings.store.removeprefix(EMBEDDED))
        if documents is None or documents.exists():
            with closing(open_documents(settings.documents)) as collections:
                found = sum(_erase_documents(collections, each, fields) for each in keys)
            if documents is not None:
                vacuum(documents)
    places = {"broker": log, "store": store, "documents": documents}
    servers = tuple(name for name, file in places.items() if file is None)
    return Erased(records, states, found, mentions, _traces(settings.data, words), servers)


def find_traces(folder: Path, *keys: str) -> tuple[Path, ...]:
    """Return the files under a folder that hold the bytes of any of these keys as a word of its own."""
    return _traces(folder, Words({*keys}))


def _traces(folder: Path, words: Words) -> tuple[Path, ...]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return tuple(path for path in files if _holds(path, words))


def _holds(path: Path, words: Words) -> bool:
    """Say whether a file holds a word, a block at a time; what a block ends with is looked at once more."""
    kept_bytes = words.longest_bytes + 1
    read, skipped_bytes = b"", 0
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK_BYTES)
            read += block
            for start, end in words.places(read):
                # The byte before it and the one behind it decide; one of them may not be here.
                if (start or not skipped_bytes) and (end < len(read) or not block):
                    return True
            if not block:
                return False
            skipped_bytes += max(0, len(read) - kept_bytes)
            read = read[-kept_bytes:]


def _require_no_instances(folder: DataFolder, settings: Settings) -> None:
    """Raise `BrokerError` while an instance runs of a topology that has run on the folder."""
    topologies = noted(folder)
    with closing(open_broker(settings.broker)) as broker:
        for group in broker.groups():
            if group.partition(".")[0] in topologies and broker.members(group):
                raise BrokerError(f"group {group!r} has running members. Stop them first")


def _file(url: str, scheme: str) -> Path | None:
    """Return where a URL keeps things on this machine, None for a server's."""
    if url == scheme:
        raise ConfigError(
            f"{url} lives in the memory of one process, so there is nothing to erase; give a path"
        )
    address = url.removeprefix(scheme)
    if not url.startswith(scheme):
        return None
    return LmdbOptions.parse(address).path if scheme == EMBEDDED else Path(address)


def _erase_records(
    keys: Set[str], url: str, log: Path | None, fields: Collection[str], words: Words
) -> tuple[int, int]:
    """Empty the records of keys in an embedded broker; return how many, and how many others mention one."""
    # Only here: whoever imports catenae would load every adapter.
    from catenae.brokers.embedded import EmbeddedBroker  # noqa: PLC0415
    from catenae.lmdb.rebuild import rebuild  # noqa: PLC0415

    if log is None or not (log / "data.mdb").exists():
        return 0, 0
    address = url.removeprefix(EMBEDDED)
    with closing(EmbeddedBroker(address)) as broker:
        records = broker.erase(_meant(keys, frozenset(fields) - {"id"}))
        mentions = sum(_mentions(broker, words))
    rebuild(address)
    return records, mentions


def _meant(keys: Set[str], fields: Collection[str]) -> Callable[[Record], bool]:
    encoded, codec = {each.encode() for each in keys}, Codec()
    # As JSON has it, or msgpack, of which only a part can be read.
    names = b"|".join(re.escape(each.encode()) for each in sorted(fields))
    told = re.compile(rb"(?:" + names + rb")\W{0,8}(?:[\xd9-\xdb].{1,4})?" + pattern_of(keys), re.DOTALL)

    def is_meant(record: Record) -> bool:
        if record.key in encoded:
            return True
        if record.value is None:
            return False
        if len(encoded) <= FEW and not any(each in record.value for each in encoded):
            return False
        try:
            value = value_told(record, codec)
        except CodecError:
            return bool(names and told.search(record.value))
        return isinstance(value, Mapping) and any(_is_one(value.get(each), keys) for each in fields)

    return is_meant


def _is_one(value: object, keys: Set[str]) -> bool:
    return isinstance(value, str) and value in keys


def _mentions(broker: Broker, words: Words) -> Iterator[bool]:
    for topic in broker.topics():
        for record in read_spans(broker, topic, broker.spans(topic)):
            parts = (record.key, record.value, *record.headers.values())
            yield any(words.are_in(part) for part in parts if part is not None)


def _erase_documents(documents: Documents, key: str, fields: Mapping[str, str]) -> int:
    erased = 0
    for collection, field in fields.items():
        while found := documents.find(collection, {field: key}, fields=["id"]).documents:
            erased += documents.delete(collection, [each["id"] for each in found])
    return erased
