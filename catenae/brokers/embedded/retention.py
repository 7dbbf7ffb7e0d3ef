"""Which batches a topic may lose: those that its readers have passed and that exceed the topic's bounds."""

from collections.abc import Collection

from catenae.broker import TopicSpec
from catenae.brokers.embedded import layout
from catenae.brokers.embedded.log import BATCHES, GROUPS, Log, Topic
from catenae.brokers.embedded.roster import live_members

# One call keeps every other writer waiting; what is left is done by the next.
MOST_BATCHES = 1000


def trim(log: Log, topics: Collection[Topic], now_ms: int) -> int:
    """Delete the oldest batches of these topics that are no longer kept; return how many records went.

    Records wait for the readers that a topic was declared with, and for groups that have members now. A group
    that is gone, such as that of a node renamed, of a trial or of a replay, holds nothing.
    """
    live = _live_groups(log, now_ms)
    return sum(_trim(log, topic, {*topic.spec.readers, *live}, now_ms) for topic in topics)


def _live_groups(log: Log, now_ms: int) -> list[str]:
    names = [key.decode() for key, _ in log.under(GROUPS, b"")]
    return [name for name in names if live_members(log, name, now_ms)]


def _trim(log: Log, topic: Topic, readers: Collection[str], now_ms: int) -> int:
    """Trim one topic; one without bounds keeps everything, of one that nobody reads only the bounds count."""
    if topic.spec.retention_bytes is None and topic.spec.retention_s is None:
        return 0
    extents = log.extents(topic)
    removed = 0
    for partition, held in enumerate(list(extents)):
        passed = min(log.offsets(readers, topic, partition), default=held.end)
        extents[partition] = _trimmed(log, topic, partition, held, passed, now_ms)
        removed += extents[partition].start - held.start
    if removed:
        log.put_extents(topic, extents)
    return removed


def _trimmed(
    log: Log, topic: Topic, partition: int, extent: layout.Extent, passed: int, now_ms: int
) -> layout.Extent:
    """Delete what may go of one partition and return what it holds then."""
    for _ in range(MOST_BATCHES):
        batch = next(log.batches(topic, partition, extent.start), None)
        if batch is None:
            break
        end = batch.base_offset + batch.records
        if end > passed or not _exceeds(topic.spec, extent.size_bytes, now_ms - batch.logged_ms):
            break
        log.delete(BATCHES, layout.BATCH_KEY.pack(topic.id, partition, batch.base_offset))
        extent = layout.Extent(end, extent.end, extent.size_bytes - len(batch.block))
    return extent


def _exceeds(spec: TopicSpec, size_bytes: int, age_ms: int) -> bool:
    too_large = spec.retention_bytes is not None and size_bytes > spec.retention_bytes
    return too_large or (spec.retention_s is not None and age_ms > spec.retention_s * 1000)
