"""Settings of a process, read once at the edge. The fields of `Settings` are the one table of them.

The first that is given counts: flag, environment, topology, default. Nothing here reads the process's
environment: it is passed in.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from catenae.conversion import describe, fit, parse
from catenae.edge import TRACEBACK_VARIABLE
from catenae.errors import ConfigError
from catenae.secret_files import SUFFIX, read_secret
from catenae.suggestion import suggestion

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["text", "json"]

_PREFIX = "CATENAE_"
_OPTION_PREFIX = "CATENAE_OPTION_"
# What a client of a broker or store takes, and the options of nodes, which are looked at elsewhere.
_OPEN_PREFIXES = (_OPTION_PREFIX, "CATENAE_KAFKA_", "CATENAE_MONGODB_")
OPTIONS_VARIABLE = "CATENAE_OPTIONS"
_TILDE = re.compile(r"(?P<scheme>(embedded:|sqlite:)?)~(?P<rest>(/.*)?)", re.DOTALL)


def _row(meaning: str, at_least: float | None = None) -> dict[str, Any]:
    return {"meaning": meaning, "at_least": at_least}


@dataclass(frozen=True)
class Settings:
    """What an operator decides. `{data}` in a URL stands for the data folder."""

    data: Path = field(
        default=Path("data"),
        metadata=_row("folder that embedded brokers and stores live in"),
    )
    broker: str = field(
        default="embedded:{data}/log",
        metadata=_row("URL of the broker: embedded:PATH or kafka://HOST:PORT,…"),
    )
    store: str = field(
        default="embedded:{data}/store",
        metadata=_row("URL of the store: embedded:PATH or aerospike://HOST:PORT/NAMESPACE"),
    )
    documents: str = field(
        default="sqlite:{data}/documents.sqlite",
        metadata=_row("URL of the documents: sqlite:PATH or mongodb://HOST/NAME"),
    )
    log_level: LogLevel = field(default="info", metadata=_row("least severe event that is logged"))
    log_format: LogFormat = field(default="text", metadata=_row("text for people or json for machines"))
    http_host: str = field(
        default="127.0.0.1",
        metadata=_row("address that /metrics, /live and /ready are served on"),
    )
    http_port: int = field(
        default=9464,
        metadata=_row("port that /metrics, /live and /ready are served on; 0 serves none", at_least=0),
    )
    progress_timeout_s: float = field(
        default=30.0,
        metadata=_row("seconds without progress after which a node is not ready", at_least=0.1),
    )
    max_backlog_records: int = field(
        default=10_000,
        metadata=_row("records waiting downstream at which a Source pauses", at_least=1),
    )
    lease_s: float = field(
        default=5.0,
        metadata=_row("seconds after which a dead or frozen process loses its partitions", at_least=0.1),
    )

    def __post_init__(self) -> None:
        for name in ("broker", "store", "documents"):
            object.__setattr__(self, name, getattr(self, name).replace("{data}", str(self.data)))


@dataclass(frozen=True)
class Setting:
    """One row of the table of settings.

    accepts   the annotation of its values
    at_least  the least number that is taken; None where there is no such bound
    """

    name: str
    default: Any
    accepts: Any
    meaning: str
    at_least: float | None = None

    @property
    def variable(self) -> str:
        """The environment variable."""
        return _PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        """The flag on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def values(self) -> str:
        """What is accepted, in words."""
        bound = "" if self.at_least is None else f" of at least {self.at_least:g}"
        return describe(self.accepts) + bound


SETTINGS: tuple[Setting, ...] = tuple(
    Setting(each.name, each.default, each.type, each.metadata["meaning"], each.metadata["at_least"])
    for each in fields(Settings)
)


def read_settings(
    environment: Mapping[str, str],
    flags: Mapping[str, Any] | None = None,
    topology: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings; a flag of None was not given. An empty variable counts as not set.

    A path that begins with ~/ is one in the folder that HOME names. A variable with `_FILE` at its
    end names a file that the value is in.

    Raises ConfigError naming where the value stands, what was found and what is accepted.
    """
    known = {setting.name: setting for setting in SETTINGS}
    for name in (*(flags or {}), *(topology or {})):
        if name not in known:
            raise ConfigError(f"setting {name!r} does not exist; {suggestion(name, known)}")
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        flag = (flags or {}).get(setting.name)
        if flag is not None:
            values[setting.name] = _checked(setting, flag, setting.flag)
        elif given := read_secret(environment, setting.variable):
            values[setting.name] = _checked(setting, given, setting.variable)
        elif setting.name in (topology or {}):
            values[setting.name] = _checked(
                setting, (topology or {})[setting.name], f"settings[{setting.name!r}]"
            )
    return Settings(**{name: _at_home(value, environment) for name, value in values.items()})


def _at_home(value: Any, environment: Mapping[str, str]) -> Any:
    """Return a path or URL in which a ~ that no shell has read is the user's folder, where that is known."""
    home = environment.get("HOME")
    if not home or not isinstance(value, str | Path):
        return value
    found = _TILDE.fullmatch(str(value))
    return type(value)(f"{found['scheme']}{home}{found['rest']}") if found else value


def _checked(setting: Setting, value: Any, where: str) -> Any:
    try:
        checked = parse(value, setting.accepts) if isinstance(value, str) else fit(value, setting.accepts)
    except ValueError as error:
        raise _unusable(setting, value, where) from error
    if setting.at_least is not None and checked < setting.at_least:
        raise _unusable(setting, value, where)
    return checked


def _unusable(setting: Setting, value: Any, where: str) -> ConfigError:
    shown = redacted(value) if isinstance(value, str) else value
    return ConfigError(f"{where} is {shown!r}; it takes {setting.values}")


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Return a warning for each variable that begins like a setting and is none.

    Not an error: an orchestrator may add variables of its own, such as `CATENAE_SERVICE_HOST`.
    """
    known = {setting.variable for setting in SETTINGS} | {OPTIONS_VARIABLE, TRACEBACK_VARIABLE}
    known |= {setting.variable + SUFFIX for setting in SETTINGS}
    return [
        f"environment variable {variable} is no setting; {suggestion(variable, known)}"
        for variable in sorted(environment)
        if variable.startswith(_PREFIX) and not variable.startswith(_OPEN_PREFIXES) and variable not in known
    ]


def options_from_environment(
    environment: Mapping[str, str], nodes: Iterable[str]
) -> dict[str, dict[str, str]]:
    """Return the option texts of each node from `CATENAE_OPTION_<NODE>_<NAME>`.

    Where the names of two nodes fit, the longer one counts. `CATENAE_OPTIONS`, which a program writes, is
    JSON without such ambiguity: {node: {name: text}}. Raises ConfigError for a variable that fits no node.
    """
    found: dict[str, dict[str, str]] = {name: {} for name in nodes}
    for node, texts in json.loads(environment.get(OPTIONS_VARIABLE, "{}")).items():
        found.setdefault(node, {}).update(texts)
    longest_first = sorted(found, key=len, reverse=True)
    for variable in sorted(environment):
        if not variable.startswith(_OPTION_PREFIX):
            continue
        rest = variable.removeprefix(_OPTION_PREFIX).lower()
        node = next((name for name in longest_first if rest.startswith(f"{name}_")), None)
        if node is None:
            raise ConfigError(
                f"environment variable {variable} names no node; write {_OPTION_PREFIX}<NODE>_<NAME>, "
                f"{suggestion(rest, found)}"
            )
        found[node][rest.removeprefix(f"{node}_")] = environment[variable]
    return found


def settings_table() -> str:
    """Return the table of settings in Markdown, for the documentation."""
    rows = [
        f"| `{each.flag}` | `{each.variable}` | `{each.default}` | {each.values} | {each.meaning} |"
        for each in SETTINGS
    ]
    return "\n".join(["| flag | variable | default | takes | meaning |", "|---|---|---|---|---|", *rows])


def redacted(url: str) -> str:
    """Return a URL fit for printing: passwords, in front of the host or among the properties, are `***`."""
    address, *properties = re.split(r"(?=\?[\w.-]+=)", url, maxsplit=1)
    # Greedy up to the last @, so that nothing leaks of a password with an @, / or ? left unescaped.
    shown = re.sub(r"://([^:@/]*):(.*)@", r"://\1:***@", address)
    property_ = r"(?i)([?&][\w.-]*(?:password|passwd|secret|token|credential|jaas|key)[\w.-]*=)[^&]*"
    return shown + re.sub(property_, r"\1***", "".join(properties))


def assignments(texts: Iterable[str], flag: str) -> dict[str, str]:
    """Return name → value for texts "name=value". Raises `ConfigError` for any other text."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ConfigError(f"{flag} is {text!r}; write it as NAME=VALUE")
        found[name] = value
    return found
