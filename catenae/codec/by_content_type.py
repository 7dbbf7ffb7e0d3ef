"""What a topic carries: values to bytes and back, by the content type that travels with each record.

    format    content-type                 takes
    msgpack   application/msgpack          every value of `packing`; the default
    json      application/json             what JSON has, for readers and writers in any language
    text      text/plain; charset=utf-8    str
    bytes     application/octet-stream     bytes
    pickle    application/x-python-pickle  anything; runs the sender's code, so for topics trusted by name

A record says itself what it is, whatever its topic's format. One without a content type comes from outside:
it is taken as JSON, else as UTF-8 text, else as bytes. None is a tombstone in every format: no value at all.
"""

import pickle
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from catenae.codec.json_bytes import NOT_JSON, decode_json, read_json, write_json
from catenae.codec.packing import pack, unpack
from catenae.errors import CodecError, ConfigError
from catenae.message import NO_HEADERS, Headers, Record

CONTENT_TYPE = "content-type"


class Codec:
    """Encodes by topic and decodes by record. Thread-safe; knows nothing but its formats."""

    def __init__(self, formats: Mapping[str, str] = MappingProxyType({})) -> None:
        """Write each topic of `formats` in its format and all others as msgpack.

        Pickled records are read from those topics only whose format is "pickle". Raises ConfigError.
        """
        for topic, name in formats.items():
            if name not in _FORMATS:
                raise ConfigError(f"topic {topic!r} has format {name!r}; choose one of {sorted(_FORMATS)}")
        self._formats = {topic: _FORMATS[name] for topic, name in formats.items()}

    def encode(self, topic: str, value: Any, headers: Headers = NO_HEADERS) -> tuple[bytes | None, Headers]:
        """Return the bytes of `value` and `headers` with its content type.

        The headers returned may be shared between records: treat them as immutable. Text in them becomes
        UTF-8. Raises CodecError, which names types and never the value.
        """
        if value is None:
            return None, _bytes_of(headers)
        write, headers = self.writer(topic, headers)
        return write(value), headers

    def writer(self, topic: str, headers: Headers) -> tuple[Callable[[Any], bytes], Headers]:
        """Return what encodes a topic's values, None apart, and these headers with their content type.

        Headers and errors as those of `encode`.
        """
        form = self._formats.get(topic, _MSGPACK)
        if not headers:
            return form.write, form.headers
        headers = _bytes_of(headers)
        if headers.get(CONTENT_TYPE) != form.content_type:
            headers = {**headers, CONTENT_TYPE: form.content_type}
        return form.write, headers

    def decode(self, record: Record) -> Any:
        """Return the value of a record.

        Raises CodecError for broken bytes, an unknown content type, and a pickle of a topic not trusted.
        """
        if record.value is None:
            return None
        return self.reader(record.topic, record.headers)(record.value)

    def reader(self, topic: str, headers: Headers) -> Callable[[bytes], Any]:
        """Return what decodes the values of a topic's records with these headers; errors as `decode`."""
        content_type = headers.get(CONTENT_TYPE)
        if content_type == _MSGPACK.content_type:
            return unpack
        if content_type is None:
            return _guess
        form = _format_of(content_type)
        if form is _PICKLE and self._formats.get(topic) is not _PICKLE:
            raise CodecError(
                f"a record of topic {topic!r} is pickled; reading it would run its sender's code. "
                f'Write msgpack, or give the topic format "pickle" if you trust every sender'
            )
        return form.read


def reads_json(read: Callable[[bytes], Any]) -> bool:
    """Say whether what a `reader` has returned takes bytes for JSON, first of all."""
    return read is read_json or read is _guess


def reads_msgpack(read: Callable[[bytes], Any]) -> bool:
    """Say whether what a `reader` has returned takes bytes for msgpack."""
    return read is unpack


def _bytes_of(headers: Mapping[str, object]) -> Headers:
    """Return headers with bytes for text: the same ones where there is none."""
    if set(map(type, headers.values())) <= {bytes}:
        return cast("Headers", headers)
    return {name: _header(name, value) for name, value in headers.items()}


def _header(name: str, value: object) -> bytes:
    if not isinstance(value, str | bytes):
        raise CodecError(f"header {name!r} is of type {type(value).__name__}. Use bytes or str")
    return value.encode(errors="backslashreplace") if isinstance(value, str) else value


class _Format(NamedTuple):
    """How values of one content type are written and read."""

    content_type: bytes
    headers: Headers
    write: Callable[[Any], bytes]
    read: Callable[[bytes], Any]


def _format(content_type: str, write: Callable[[Any], bytes], read: Callable[[bytes], Any]) -> _Format:
    name = content_type.encode()
    return _Format(name, MappingProxyType({CONTENT_TYPE: name}), write, read)


def _format_of(content_type: bytes) -> _Format:
    """Return the format of a content type, also as others write it: in capitals, or with parameters."""
    form = _BY_CONTENT_TYPE.get(content_type)
    if form is None:
        form = _BY_CONTENT_TYPE.get(content_type.split(b";")[0].strip().lower())
    if form is None:
        raise CodecError(
            f"a record has an unknown content type of {len(content_type)} bytes; "
            f"known are {sorted(name.decode() for name in _BY_CONTENT_TYPE)}. Write one of these, or none"
        )
    return form


def _guess(data: bytes) -> Any:
    # What comes from outside is JSON mostly, and has no call to spare: one more costs a tenth of reading it.
    try:
        return decode_json(data)
    except NOT_JSON:
        pass
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _write_text(value: Any) -> bytes:
    if not isinstance(value, str):
        raise CodecError(f"a topic of text takes str, not {type(value).__name__}")
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise CodecError("a value of type str is not valid Unicode") from error


def _read_text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise CodecError(f"{len(data):,} bytes are not UTF-8 text") from error


def _write_bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise CodecError(f"a topic of bytes takes bytes, not {type(value).__name__}")
    return value


def _write_pickle(value: Any) -> bytes:
    try:
        return pickle.dumps(value, protocol=5)
    except Exception as error:  # the value's own code runs here
        raise CodecError(f"a value of type {type(value).__name__} cannot be pickled") from error


def _read_pickle(data: bytes) -> Any:
    try:
        return pickle.loads(data)  # noqa: S301 - `decode` lets through topics that are named as trusted
    except Exception as error:  # the sender's code runs here
        raise CodecError(f"{len(data):,} bytes are not a pickle that can be read here") from error


_MSGPACK = _format("application/msgpack", pack, unpack)
_PICKLE = _format("application/x-python-pickle", _write_pickle, _read_pickle)
_TEXT = _format("text/plain; charset=utf-8", _write_text, _read_text)
_FORMATS = {
    "msgpack": _MSGPACK,
    "json": _format("application/json", write_json, read_json),
    "text": _TEXT,
    "bytes": _format("application/octet-stream", _write_bytes, bytes),
    "pickle": _PICKLE,
}
_BY_CONTENT_TYPE = {form.content_type: form for form in _FORMATS.values()} | {b"text/plain": _TEXT}
