"""How a key is written in the topics of one machine, where whoever asks may have written it otherwise."""

from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.config import Settings
from catenae.deployment.reading import read_spans, value_told
from catenae.errors import CodecError
from catenae.message import Record

EMBEDDED = "embedded:"


def spellings(key: str, settings: Settings, fields: Collection[str] = ()) -> set[str]:
    """Return the keys of records that are this one without regard to case, itself included if it is there.

    fields  of values, whose texts count as keys do

    None for a broker that is no file of this machine, or is not there yet.
    """
    log = Path(settings.broker.removeprefix(EMBEDDED).partition("?")[0])
    if not settings.broker.startswith(EMBEDDED) or not (log / "data.mdb").exists():
        return set()
    alike, codec = key.casefold(), Codec()
    with closing(open_broker(settings.broker)) as broker:
        return {
            found
            for topic in broker.topics()
            for record in read_spans(broker, topic, broker.spans(topic))
            for found in _named(record, codec, alike, fields)
            if found.casefold() == alike
        }


def _named(record: Record, codec: Codec, alike: str, fields: Collection[str]) -> Iterator[str]:
    if record.key is not None:
        yield record.key.decode(errors="replace")
    if record.value is None or alike not in record.value.decode(errors="replace").casefold():
        return
    try:
        value = value_told(record, codec)
    except CodecError:
        return
    if isinstance(value, dict):
        yield from (found for field in fields if isinstance(found := value.get(field), str))
