"""The main job on one machine: a collection, a model, the whole topology on the users it was not trained on.

What is there already is used: a second run goes on where the first one stopped, and then has nothing to do.
"""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from catenae import Document, Documents, open_documents
from services.api.opening import WebTool
from services.depression.evaluate import split_users
from services.depression.model.scores import Decision, Scores, score

TOPOLOGY = "topologies/depression.py"
MODEL_NODES = ("text_vectoriser", "tfidf_transformer", "logistic_predictor", "api")
FORGET_NODE = "screening_forget_requests"
# What `catenae up` says then.
DRAINED = "drained"
PAGE = 1000


class RunFailed(Exception):
    """The topology did not run to its end; it has said why itself."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"the topology ended with exit status {status}")


class AnotherRun(Exception):
    """A folder that holds the run of another collection or split, or of more users."""

    def __init__(self, found: str) -> None:
        super().__init__(f"{found}. Start over with --fresh, or keep this run apart with --data")


@dataclass(frozen=True, slots=True)
class Folders:
    """Where everything of a run is, under one folder."""

    data: Path

    @property
    def model(self) -> Path:
        """The model's artefact."""
        return self.data / "model"

    @property
    def users(self) -> Path:
        """The names of the users that are replayed, one per line."""
        return self.data / "replayed_users.txt"

    @property
    def documents(self) -> Path:
        """What the storers keep."""
        return self.data / "documents.sqlite"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run came to.

    new_posts  posts that this run added, in `elapsed_s` seconds with the start of all processes
    """

    posts: int
    new_posts: int
    users: int
    alerts: int
    elapsed_s: float
    scores: Scores


def replayed_users(truth: Mapping[str, bool], seed: int) -> list[str]:
    """Return the users that the model was not trained on: the second half of the split."""
    return split_users(truth, seed)[1]


def replay(folders: Folders, collection: Path, truth: Mapping[str, bool]) -> Summary:
    """Run the topology until it is drained; as `replayed`."""
    with replayed(folders, collection, truth, {}, WebTool(folders.data, 0, stays=False)) as summary:
        return summary


@contextmanager
def replayed(
    folders: Folders,
    collection: Path,
    truth: Mapping[str, bool],
    options: Mapping[str, object],
    tool: WebTool,
) -> Iterator[Summary]:
    """Run the topology until it is drained, and give its alerts set beside the truth of the replayed users.

    truth    of exactly those users
    options  node.option → value, above what the topology declares
    tool     stays open then, if it is one that stays: that is waited for at the end

    Raises RunFailed, and AnotherRun if posts of other users have been screened there.
    """
    posts_before = _stored_posts(folders, truth)
    folders.users.write_text("".join(f"{user}\n" for user in truth), "utf-8")
    started_s = time.monotonic()
    command = _command(folders, {"replay.path": collection, "api.port": tool.port, **options})
    process = subprocess.Popen(  # noqa: S603  this program
        [*command, *(["--stay"] if tool.stays else [])], stderr=subprocess.PIPE, text=True
    )
    try:
        _wait_until_drained(process)
    except KeyboardInterrupt:
        # It has reached the topology too, which stops in order. A second one ends both.
        process.wait()
        raise
    try:
        yield _summary(folders, truth, posts_before, time.monotonic() - started_s)
        if tool.stays:
            with _forgetting(folders):
                tool.stay(process)
    except Exception:
        process.terminate()
        raise
    finally:
        process.wait()


@contextmanager
def _forgetting(folders: Folders) -> Iterator[None]:
    """Pass on requests to forget while the block runs.

    In the topology itself the node ends, as a run would not come to its end otherwise.
    """
    command = [sys.executable, "-m", "catenae", "work", TOPOLOGY, FORGET_NODE, "--option", "ends=false"]
    command += ["--data", str(folders.data), "--http-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as forgetting:  # noqa: S603
        try:
            yield
        finally:
            forgetting.terminate()


def _wait_until_drained(process: "subprocess.Popen[str]") -> None:
    """Pass on what the topology complains of until it says that it is drained; RunFailed if it does not."""
    assert process.stderr is not None  # noqa: S101  it was started with a pipe
    for line in process.stderr:
        sys.stderr.write(line)
        if line.rstrip("\n") == DRAINED:
            # What comes then is read too, or it could not go on writing.
            threading.Thread(target=_pass_on, args=(process.stderr,), daemon=True).start()
            return
    process.stderr.close()
    raise RunFailed(process.wait())


def _pass_on(complaints: TextIO) -> None:
    with complaints:
        shutil.copyfileobj(complaints, sys.stderr)


def _summary(folders: Folders, truth: Mapping[str, bool], posts_before: int, elapsed_s: float) -> Summary:
    with closing(open_documents(f"sqlite:{folders.documents}")) as documents:
        _require_only(documents, truth)
        posts = documents.count("posts")
        return Summary(
            posts=posts,
            new_posts=posts - posts_before,
            users=documents.count("users"),
            alerts=documents.count("alerts"),
            elapsed_s=elapsed_s,
            scores=score(truth, _decisions(documents, truth)),
        )


def _command(folders: Folders, options: Mapping[str, object]) -> list[str]:
    options = {**options, "replay.users": folders.users}
    options |= {f"{node}.model": folders.model for node in MODEL_NODES}
    command = [
        sys.executable,
        "-m",
        "catenae",
        "up",
        TOPOLOGY,
        "--until-drained",
        "--data",
        str(folders.data),
    ]
    for name, value in options.items():
        command += ["--option", f"{name}={value}"]
    return command


def _stored_posts(folders: Folders, users: Mapping[str, bool]) -> int:
    if not folders.documents.exists():
        return 0
    with closing(open_documents(f"sqlite:{folders.documents}")) as documents:
        _require_only(documents, users)
        return documents.count("posts")


def _require_only(documents: Documents, users: Mapping[str, bool]) -> None:
    """Raise AnotherRun if anybody else was screened: the model may know them, and nobody knows the truth."""
    others = sum(document["id"] not in users for document in every(documents, "users"))
    if others:
        raise AnotherRun(f"posts of {others:,} users outside of this run were screened in the same folder")


def _decisions(documents: Documents, users: Mapping[str, bool]) -> dict[str, Decision]:
    """Return what the alerts say of each user; one without an alert was let pass after all of the posts."""
    decisions = {user: Decision(positive=False, posts=0) for user in users}
    for alert in every(documents, "alerts"):
        decisions[alert["user"]] = Decision(positive=True, posts=alert["opened_after"])
    return decisions


def every(documents: Documents, collection: str) -> Iterator[Document]:
    """Yield every document of a collection, page by page."""
    cursor = None
    while True:
        page = documents.find(collection, limit=PAGE, cursor=cursor)
        yield from page.documents
        cursor = page.cursor
        if cursor is None:
            return
