"""`./screening run-weibo`: a Weibo collection, or a generated one, judged and searched in one command."""

import sys
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from catenae import DataFolder, open_documents
from services.api.opening import WebTool
from services.classifiers.commands import EncoderAsked, WordsAsked, train_encoder, train_on_words
from services.classifiers.encoders.choice import DEFAULT
from services.classifiers.preprocessing import USUAL
from services.cli.run import every
from services.cli.topology_run import running, wait_for_posts
from services.depression.model.about import ABOUT
from services.depression.model.collection import Collection
from services.depression.model.collections import open_collection
from services.depression.model.scores import Decision, score
from services.weibo.demo import write_labelled, write_weibo

TOPOLOGY = "topologies/weibo.py"
# Bracket emoticons were at times what somebody labelled by.
STEPS = (*USUAL, "brackets", "emoticons")
# Of people that the ones who are judged are not among.
_OTHERS_SEED = 1


class TrainedKind(StrEnum):
    """Kinds of classifiers that can be trained on generated posts."""

    ENCODER = "encoder"
    SVM = "svm"
    LSTM = "lstm"
    CNN_LSTM = "cnn_lstm"


def run_weibo(  # noqa: PLR0913  one parameter per option
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of everything the run keeps.")] = Path(
        "data/weibo"
    ),
    collection: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Judge this one; a generated one is used if left out."),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="By this classifier, of any kind; one is trained if left out."),
    ] = None,
    kind: Annotated[
        TrainedKind, typer.Option(help="What to train if --model is left out; all but encoder need tune.")
    ] = TrainedKind.ENCODER,
    users: Annotated[int, typer.Option(min=20, help="How many people to invent.")] = 200,
    posts: Annotated[int, typer.Option(min=400, help="About how much they write together.")] = 6000,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the web tool; a free one if that is taken.")
    ] = 8080,
) -> None:
    """Judge the posts of a Weibo collection, raise alerts on its users, and search it by topic.

    Without a collection and a classifier both are made of generated people, and the classifier of others than
    those it judges. It says what the alerts are like beside the labels; on a terminal the web tool stays open
    then until Ctrl-C.

    Example: [bold]./screening run-weibo --collection data/wu3d --model data/model[/bold]
    """
    DataFolder(data).require_free()
    if collection is None:
        collection = data / "collection"
        write_weibo(collection, users, posts)
    if model is None:
        model = data / "model"
        if not model.exists():
            written = write_labelled(data / "training", users, posts, _OTHERS_SEED)
            typer.echo(f"training on {written:,} generated posts of {users} other users")
            _train(data / "training", model, kind)
    found = open_collection(collection)
    tool = WebTool(data, port, stays=sys.stdout.isatty())
    tool.announce()
    options = {
        "weibo_reader.path": collection,
        "post_judge.model": model,
        "topic_judge.model": model,
        "api.model": model,
        "api.port": tool.port,
    }
    with running(TOPOLOGY, data, options) as topology:
        wait_for_posts(topology, data, sum(map(len, found.posts.values())))
        typer.echo(_summary(data, found))
        tool.stay(topology)


def _train(collection: Path, model: Path, kind: TrainedKind) -> None:
    if kind is TrainedKind.ENCODER:
        train_encoder(collection, model, EncoderAsked(DEFAULT, STEPS, ABOUT, 0))
    else:
        train_on_words(collection, model, WordsAsked(kind.value, about=ABOUT))


def _summary(data: Path, collection: Collection) -> str:
    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        raised = {each["user"]: each["opened_after"] for each in every(documents, "alerts")}
        posts, users = documents.count("posts"), documents.count("users")
    decisions = {
        user: Decision(positive=user in raised, posts=raised.get(user, 0)) for user in collection.truth
    }
    found = score(collection.truth, decisions)
    return (
        f"{posts:,} posts of {users:,} users, {len(raised):,} alerts; beside the labels: precision "
        f"{found.precision:.2f}, recall {found.recall:.2f}, F1 {found.f1:.2f}"
    )
