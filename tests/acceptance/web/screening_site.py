"""The screening with its web tool, as real processes on loopback, and what tests do to it from outside."""

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from catenae import Document, open_documents
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.deployment.lag import lags
from catenae.message import Record
from services.api.answers import Role
from services.api.cli import create
from services.cli.run import MODEL_NODES
from services.depression.demo.files import write_demo
from services.depression.model.artefact import save_model
from services.depression.model.collections import open_collection
from services.depression.recipe import Recipe
from services.depression.train import train
from services.web.build import HERE as WEB
from services.web.build import build, npm_of_machine, npm_of_python
from tests.patience import PATIENCE_S, until
from tests.servers.ports import free_ports
from topologies.depression import topology

ROOT = Path(__file__).parents[3]
TOPOLOGY = "topologies/depression.py"
PASSWORD = "a horse, a staple, a battery"
# So few that all is screened soon, and enough for tabs, a chart and two pages of alerts.
USERS, POSTS = 80, 2000


class Site:
    """A folder of data, the web tool's page built from its sources, and one process that serves it.

    Make one with `screening` or `of_documents`; call `stop` in the end. The account of a role has its name.
    """

    def __init__(
        self, folder: Path, command: Sequence[str], port: int, environment: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"
        with closing(open_documents(self.documents)) as documents:
            for role in Role:
                create(documents, role.value, role, PASSWORD)
        with (folder / "site.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_it_answers()

    @classmethod
    def screening(cls, folder: Path) -> "Site":
        """Screen a generated collection, and keep the whole topology running on it."""
        build_page()
        write_demo(folder / "demo", USERS, POSTS)
        collection = open_collection(folder / "demo")
        model, _ = train(collection, Recipe())
        save_model(model, folder / "model")
        (port,) = free_ports(1)
        options = {
            "replay.path": folder / "demo",
            "api.port": port,
            # Requests to forget are heard as long as the site runs.
            "screening_forget_requests.ends": "false",
            **{f"{node}.model": folder / "model" for node in MODEL_NODES},
        }
        command = ["catenae", "up", TOPOLOGY, "--data", str(folder), "--http-port", "0", *_options(options)]
        running = cls(folder, command, port)
        until(lambda: running.has_screened(sum(map(len, collection.posts.values()))), every_s=0.5)
        return running

    @classmethod
    def of_documents(
        cls,
        folder: Path,
        documents: Mapping[str, Sequence[Document]],
        environment: Mapping[str, str] | None = None,
    ) -> "Site":
        """Serve these documents, by collection, with no topology behind them."""
        build_page()
        with closing(open_documents(documents_in(folder))) as opened:
            for collection, every in documents.items():
                opened.upsert(collection, every)
        (port,) = free_ports(1)
        settings = ["--data", str(folder), "--http-port", "0"]
        command = ["catenae", "work", TOPOLOGY, "api", *settings, *_options({"port": port})]
        return cls(folder, command, port, environment)

    @property
    def documents(self) -> str:
        """The URL of what it shows."""
        return documents_in(self.folder)

    @property
    def log(self) -> str:
        """The URL of what it screens."""
        return f"embedded:{self.folder / 'log'}"

    def has_screened(self, posts: int) -> bool:
        """Return whether so many posts have been screened, and nothing waits any more."""
        with closing(open_documents(self.documents)) as documents, closing(open_broker(self.log)) as broker:
            if documents.count("probabilities") < posts:
                return False
            return not any(lag.records for lag in lags(broker, topology))

    def post(self, author: str, texts: Iterable[str], **fields: Any) -> None:
        """Have `author` write comments, now, one a text."""
        now = int(time.time())
        posts = [
            {
                "id": f"t1_{author}{now}{at}",
                "author": author,
                "kind": "comment",
                "subreddit": "test",
                "created_utc": now,
                "title": "",
                "body": text,
                "link_id": "",
                "parent_id": "",
                "permalink": "",
                **fields,
            }
            for at, text in enumerate(texts)
        ]
        codec = Codec()
        with closing(open_broker(self.log)) as broker:
            broker.append([Record("texts", author.encode(), *codec.encode("texts", post)) for post in posts])

    def texts_of_most_probable(self) -> list[str]:
        """Return what the generated person with the highest probability has written."""
        with closing(open_documents(self.documents)) as documents:
            (alert,) = documents.find("alerts", sort="probability", descending=True, limit=1).documents
            posts = documents.find("posts", {"author": alert["user"]}, limit=100).documents
        return [post["body"] or post["title"] for post in posts]

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Kill the process that serves the page; the supervisor, held so long, starts another in the end."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            children = (
                Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
            )
            (found,) = [pid for pid in children if b"\0api\0" in Path(f"/proc/{pid}/cmdline").read_bytes()]
            os.kill(int(found), signal.SIGKILL)
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def add_account(self, name: str, *options: str) -> None:
        """Make another account, a reviewer's, with these options of the command."""
        _run("services.api", "add", name, "--role", "reviewer", "--data", self.folder, *options)

    def stop(self) -> None:
        """End it, in order."""
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    def _wait_until_it_answers(self) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}/api/v1/sign-in", timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        self._process.kill()
        said = (self.folder / "site.log").read_text("utf-8", "replace")
        raise AssertionError(f"the site did not start: {said[-2000:]}")


def documents_in(folder: Path) -> str:
    """Return the URL of the documents in a folder."""
    return f"sqlite:{folder / 'documents.sqlite'}"


def build_page() -> None:
    """Build the page, as `make web` does, if its sources are newer."""
    built = WEB / "dist" / "index.html"
    sources = [path for path in (*WEB.glob("*.*"), *(WEB / "src").rglob("*")) if path.is_file()]
    with alone_in(WEB):
        if not built.exists() or any(path.stat().st_mtime > built.stat().st_mtime for path in sources):
            build(npm_of_machine() or npm_of_python())


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Let no other worker of these tests change a folder while the block runs."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _run(*command: object, given: str = PASSWORD) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=f"{given}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]


def _options(options: Mapping[str, object]) -> list[str]:
    return [part for name, value in options.items() for part in ("--option", f"{name}={value}")]
