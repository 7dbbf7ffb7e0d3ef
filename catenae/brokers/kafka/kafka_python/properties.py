"""From the dotted names that Java and librdkafka use to kafka-python's arguments."""

from collections.abc import Iterable, Mapping
from typing import Any

from catenae.errors import ConfigError
from catenae.suggestion import suggestion

_NAMES = {
    "sasl.mechanisms": "sasl_mechanism",
    "sasl.username": "sasl_plain_username",
    "sasl.password": "sasl_plain_password",
    "sasl.kerberos.service.name": "sasl_kerberos_service_name",
    "ssl.ca.location": "ssl_cafile",
    "ssl.certificate.location": "ssl_certfile",
    "ssl.key.location": "ssl_keyfile",
    "ssl.key.password": "ssl_password",
    "ssl.crl.location": "ssl_crlfile",
    "ssl.cipher.suites": "ssl_ciphers",
    "fetch.wait.max.ms": "fetch_max_wait_ms",
    "max.partition.fetch.bytes": "max_partition_fetch_bytes",
    "fetch.message.max.bytes": "max_partition_fetch_bytes",
    "message.max.bytes": "max_request_size",
    "metadata.max.age.ms": "metadata_max_age_ms",
}
_HOST_NAME_CHECK = "ssl.endpoint.identification.algorithm"


def settings_for(properties: Mapping[str, str], natives: Iterable[Any]) -> dict[str, Any]:
    """Return the arguments that properties become, those left out that only others of the client take.

    natives  classes of kafka-python, each with its table of defaults

    Raises ConfigError, naming the property and never its value, for one that none of the client's classes
    takes, or whose value does not fit.
    """
    tables = [native.DEFAULT_CONFIG for native in natives]
    found = {}
    for name, value in properties.items():
        if name == _HOST_NAME_CHECK:
            found["ssl_check_hostname"] = value not in ("", "none")
            continue
        argument = _NAMES.get(name, name.replace(".", "_"))
        defaults = [table[argument] for table in tables if argument in table]
        if defaults:
            found[argument] = _fitted(name, value, defaults[0])
        elif len(tables) > 1:
            known = {each.replace("_", ".") for table in tables for each in table}
            raise ConfigError(
                f"the Kafka client kafka-python has no property {name!r}; {suggestion(name, known)}"
            )
    return found


def _fitted(name: str, value: str, default: object) -> Any:
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False}[value.lower()]
        if isinstance(default, int):
            return int(value)
        if isinstance(default, float):
            return float(value)
    except (KeyError, ValueError) as error:
        raise ConfigError(
            f"the Kafka property {name!r} takes a {type(default).__name__}; its value is none"
        ) from error
    return value
