"""`catenae new`: the first files of a user's own project, laid out like this one."""

import json
import keyword
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from string import Template

from catenae.errors import ConfigError

# Files end with .tmpl, so that no tool takes them for code; the names below stand for what may not be there.
_TEMPLATES = Path(__file__).with_name("scaffold")
_NAMES_IN_PATHS = (("PROJECT", "{name}"), ("dot-", "."), (".tmpl", ""))

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def scaffold(name: str, folder: Path, requirement: str = "catenae") -> list[Path]:
    """Write a project called `name` into `folder / name`; return its files, sorted.

    requirement  what its Makefile has pip install for catenae

    Nothing is overwritten, not even in part. Raises ConfigError for a name that is no Python module's or that
    catenae itself has, when one of the files is there already, or when the folder cannot be written.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name == "catenae":
        raise ConfigError(
            f"a project cannot be called {name!r}; take lower-case letters, digits and _, a letter first, "
            f"and neither a word of Python's nor 'catenae'"
        )
    templates = {folder / name / _path(template, name): template for template in _TEMPLATES.rglob("*.tmpl")}
    present = sorted(str(path) for path in templates if path.exists())
    if present:
        raise ConfigError(
            f"nothing was written, for {present[0]} exists; choose another name, or move it away"
        )
    words = {"name": name, "title": name.replace("_", " ").capitalize(), "requirement": requirement}
    try:
        for path, template in templates.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(Template(template.read_text(encoding="utf-8")).substitute(words))
    except OSError as error:
        raise ConfigError(f"cannot write the project into {folder / name}: {error.strerror}") from error
    return sorted(templates)


def installed_requirement() -> str:
    """Return what has pip install the catenae that runs: its URL where it came from one, else its version."""
    try:
        installed = distribution("catenae")
    except PackageNotFoundError:
        return "catenae"
    # PEP 610: the file is there for an installation from a clone, a URL or a repository, not from an index.
    origin = installed.read_text("direct_url.json")
    if not origin:
        return f"catenae=={installed.version}"
    found = json.loads(origin)
    version_control = found.get("vcs_info")
    return (
        f"{version_control['vcs']}+{found['url']}@{version_control['commit_id']}"
        if version_control
        else str(found["url"])
    )


def _path(template: Path, name: str) -> Path:
    path = template.relative_to(_TEMPLATES).as_posix()
    for stands_for, meant in _NAMES_IN_PATHS:
        path = path.replace(stands_for, meant.format(name=name))
    return Path(path)
