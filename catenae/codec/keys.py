"""Keys of messages to bytes and back."""

from catenae.errors import CodecError
from catenae.message import Key


def encode_key(key: Key) -> bytes | None:
    """Return the bytes of a key, str as UTF-8; in every process the same, so equal keys share a partition.

    Raises CodecError for any other type and for a str that is not valid Unicode.
    """
    if key is None or type(key) is bytes:
        return key
    if not isinstance(key, str):
        raise CodecError(f"a key is of type {type(key).__name__}. Use str, bytes or None")
    try:
        return key.encode()
    except UnicodeEncodeError as error:
        raise CodecError("a key of type str is not valid Unicode. Use bytes for what is not text") from error


def decode_key(key: bytes | None) -> Key:
    """Return a key as str where it is UTF-8, else as the bytes it is."""
    if key is None:
        return None
    try:
        return key.decode()
    except UnicodeDecodeError:
        return key
