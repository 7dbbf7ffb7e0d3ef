"""Which batches a topic may lose: those that every group has passed and that exceed the topic's bounds."""

from catenae.broker import TopicSpec
from catenae.brokers.embedded import layout
from catenae.brokers.embedded.log import BATCHES, Log, Topic

# One call keeps every other writer waiting; what is left is done by the next.
MOST_BATCHES = 1000


def trim(log: Log, topic: Topic, now_ms: int) -> int:
    """Delete the oldest batches of `topic` that are no longer kept; return how many records went.

    A topic without bounds keeps everything; where no group has ever read, only the bounds count.
    """
    if topic.spec.retention_bytes is None and topic.spec.retention_s is None:
        return 0
    extents = log.extents(topic)
    removed = 0
    everything = {partition: extent.end for partition, extent in enumerate(extents)}
    for partition, passed in (log.lowest_positions(topic) or everything).items():
        extent = _trimmed(log, topic, partition, extents[partition], passed, now_ms)
        removed += extent.start - extents[partition].start
        extents[partition] = extent
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
        if end > passed or not _exceeds(topic.spec, extent.size_bytes, now_ms - batch.timestamp_ms):
            break
        log.delete(BATCHES, layout.BATCH_KEY.pack(topic.id, partition, batch.base_offset))
        extent = layout.Extent(end, extent.end, extent.size_bytes - len(batch.block))
    return extent


def _exceeds(spec: TopicSpec, size_bytes: int, age_ms: int) -> bool:
    too_large = spec.retention_bytes is not None and size_bytes > spec.retention_bytes
    return too_large or (spec.retention_s is not None and age_ms > spec.retention_s * 1000)
