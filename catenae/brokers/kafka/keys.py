"""Which partition of Kafka a key belongs to: by MurmurHash2, as Java's client and both of ours choose it.

Source: Austin Appleby, MurmurHash2 (public domain), with the seed of Kafka's `Utils.murmur2`.
"""

_SEED = 0x9747B28C
_MIX = 0x5BD1E995
_MASK = 0xFFFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """Return where a record with this key goes."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """Return the hash, as an unsigned number of 32 bits."""
    whole = len(data) & ~3
    mixed = _SEED ^ len(data)
    for at in range(0, whole, 4):
        four = int.from_bytes(data[at : at + 4], "little") * _MIX & _MASK
        mixed = mixed * _MIX & _MASK ^ (four ^ four >> 24) * _MIX & _MASK
    if len(data) > whole:
        mixed = (mixed ^ int.from_bytes(data[whole:], "little")) * _MIX & _MASK
    mixed = (mixed ^ mixed >> 13) * _MIX & _MASK
    return mixed ^ mixed >> 15
