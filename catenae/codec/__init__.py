"""Bytes and values: `Codec` by content type, `packing` for the values that msgpack has not, and JSON."""

from catenae.codec.by_content_type import CONTENT_TYPE, Codec, reads_json, reads_msgpack
from catenae.codec.keys import decode_key, encode_key

__all__ = ["CONTENT_TYPE", "Codec", "decode_key", "encode_key", "reads_json", "reads_msgpack"]
