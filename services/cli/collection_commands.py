"""Commands that need no topology: to train on a collection, and to judge a model by one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from catenae.screen import Screen
from services.classifiers.commands import (
    EmbeddingName,
    EncoderAsked,
    EncoderName,
    Steps,
    WordsAsked,
    assemble_cascade,
    evaluate_cascade,
    train_encoder,
    train_on_words,
    tune_encoder,
)
from services.classifiers.encoders.choice import DEFAULT
from services.classifiers.kinds.cascade import KIND as CASCADE
from services.classifiers.words import ERROR, ITERATIONS
from services.cli.model_commands import advise
from services.cli.report import (
    decisions_table,
    differences_table,
    drift_table,
    evaluation_notes,
    quality_line,
    quality_table,
    reliability_table,
    scores_table,
    training_summary,
)
from services.depression.drift import drift
from services.depression.evaluate import compare, evaluate, scores_of, split_users
from services.depression.model.about import ABOUT
from services.depression.model.artefact import Model, load_model, save_model
from services.depression.model.collection import Collection
from services.depression.model.collections import open_collection
from services.depression.progress import bar
from services.depression.recipe import PAPER, Recipe
from services.depression.reliability_picture import reliability_svg
from services.models.folder import read_folder

# What a training does unless told otherwise.
CHOSEN = Recipe()


class Users(StrEnum):
    """Which users of a collection a command works on; the halves are split by the seed."""

    HALF_1 = "half-1"
    HALF_2 = "half-2"
    ALL = "all"


class Kind(StrEnum):
    """What a model looks at."""

    LINEAR = "linear"
    ENCODER = "encoder"
    CASCADE = "cascade"
    SVM = "svm"
    LSTM = "lstm"
    CNN_LSTM = "cnn_lstm"


class Penalty(StrEnum):
    """What keeps the weights of the regression small."""

    L1 = "l1"
    L2 = "l2"


CollectionFolder = Annotated[
    Path, typer.Argument(metavar="COLLECTION", help="Folder of JSONL or eRisk XML files, with the truth.")
]
ModelFolder = Annotated[Path, typer.Option("--model", metavar="DIR", help="Folder of the model.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse a collection that contradicts itself; leave nothing out.")
]
CascadePart = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of that part of a cascade.", show_default=False),
]
WhichUsers = Annotated[Users, typer.Option("--users", help="Users to work on; the seed splits the halves.")]


def train_command(  # noqa: PLR0913  one parameter per option
    *,
    collection: CollectionFolder,
    model: ModelFolder,
    users: WhichUsers = Users.ALL,
    strict: Strict = False,
    seed: Annotated[int, typer.Option(help="Splits the halves and the folds of cross-validation.")] = 0,
    min_df: Annotated[int, typer.Option(min=0, help="Users that must use a word; 0: one in 24.")] = 0,
    penalty: Annotated[
        Penalty, typer.Option(help="l2, or l1 as in the paper: few words with a weight.")
    ] = Penalty.L2,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Alert from this probability on; chosen if left out.", show_default=False
        ),
    ] = None,
    min_posts: Annotated[int, typer.Option(min=1, help="Alert no user with fewer posts.")] = CHOSEN.min_posts,
    prior: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Evidence prior: the more, the less is made of little text; chosen if left out.",
            show_default=False,
        ),
    ] = None,
    calibrated: Annotated[
        bool, typer.Option(help="Fit probabilities to what was right after so many posts.")
    ] = True,
    about: Annotated[str, typer.Option(help="Signs of what the positive users are positive for.")] = ABOUT,
    paper: Annotated[
        bool, typer.Option("--paper", help="Train as the paper did, whatever the options above say.")
    ] = False,
    kind: Annotated[
        Kind,
        typer.Option(
            help="linear: words, of users; of posts encoder: sentences; cascade: of two models; svm, lstm, "
            "cnn_lstm: Chinese words."
        ),
    ] = Kind.LINEAR,
    encoder: EncoderName = DEFAULT,
    step: Steps = None,
    cheap: CascadePart = None,
    heavy: CascadePart = None,
    share: Annotated[
        float, typer.Option(min=0, max=1, help="Of a cascade: of the posts, those that reach --heavy.")
    ] = 0.1,
    tune: Annotated[
        bool, typer.Option("--tune", help="Of kind encoder: let the encoder learn, too; a picture shows how.")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, help="Of --tune: times that it sees each post.")] = 3,
    posts: Annotated[
        int | None,
        typer.Option(min=100, help="Of --tune: so many, drawn; all if left out.", show_default=False),
    ] = None,
    embedding: Annotated[
        EmbeddingName, typer.Option(help="Of svm, lstm, cnn_lstm: what words are to them at first.")
    ] = EmbeddingName.WORD2VEC,
    iterations: Annotated[
        int, typer.Option(min=1, max=100_000, help="Of lstm, cnn_lstm: batches that they see at most.")
    ] = ITERATIONS,
    error: Annotated[
        float, typer.Option(min=0, help="Of lstm, cnn_lstm: mean loss at which they stop before.")
    ] = ERROR,
) -> None:
    """Train a model on a collection, and write it as a folder.

    Cross-validates over the strength of regularisation and the class weights, then over the rule by which the
    model runs: evidence prior, calibration, threshold. Half a minute for some hundred users.

    A model of kind encoder is trained on labelled posts. Of the options, --encoder, --step, --about and
    --seed are for it; with --tune its encoder learns, too, which takes minutes to hours, tells of each epoch,
    and goes on where it was stopped. A cascade is put together of two models: --cheap, --heavy and --share
    are for it. Kinds svm, lstm and cnn_lstm take labelled posts as words, Chinese ones unless --step says
    otherwise; --about, --seed, --embedding, --iterations and --error are for them.

    Examples: [bold]./screening train data/demo --model data/model --users half-1[/bold]

    [bold]./screening train data/tweets --model data/tweets-model --kind encoder --about "low mood"[/bold]
    """
    if kind is Kind.ENCODER:
        asked = EncoderAsked(encoder, step, about, seed)
        if tune:
            tune_encoder(collection, model, asked, epochs, posts)
        else:
            train_encoder(collection, model, asked)
        return
    if kind in {Kind.SVM, Kind.LSTM, Kind.CNN_LSTM}:
        train_on_words(
            collection, model, WordsAsked(kind.value, about, embedding, step, seed, iterations, error)
        )
        return
    if kind is Kind.CASCADE:
        assemble_cascade(collection, model, cheap, heavy, share)
        return
    # It takes a second and 80 MB to load scikit-learn, which only this needs.
    from services.depression.train import train  # noqa: PLC0415

    chosen_recipe = Recipe(
        min_df=min_df,
        penalty="l1" if penalty is Penalty.L1 else "l2",
        priors=CHOSEN.priors if prior is None else (prior,),
        is_calibrated=calibrated,
        min_posts=min_posts,
        threshold=threshold,
    )
    recipe = replace(PAPER if paper else chosen_recipe, about=about, seed=seed)
    chosen = chosen_users(open_collection(collection, is_strict=strict), users, seed)
    with bar("cross-validation") as progress:
        trained, report = train(chosen, recipe, progress)
    origin = {"collection": collection.resolve().name, "users_trained_on": users.value}
    trained = replace(trained, training={**trained.training, **origin})
    save_model(trained, model)
    typer.echo(training_summary(trained, report, chosen.set_aside))


def evaluate_command(  # noqa: PLR0913  one parameter per option
    *,
    collection: CollectionFolder,
    model: ModelFolder,
    users: WhichUsers = Users.ALL,
    strict: Strict = False,
    seed: Annotated[
        int | None, typer.Option(help="Splits the halves; as in training if left out.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of tables.")] = False,
    per_week: Annotated[
        float | None,
        typer.Option(min=0, help="Alerts that can be reviewed in a week: what threshold that makes."),
    ] = None,
    compare_with: Annotated[
        Path | None,
        typer.Option("--compare", metavar="DIR", help="Another model, on the same users: what differs."),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write p and decision after each post, as JSONL with names."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what came true over what was said, as SVG.")
    ] = None,
    first: Annotated[
        int, typer.Option(min=0, help="Of a cascade: posts of each user that reach its heavy part anyway.")
    ] = 3,
) -> None:
    """Score the methods of the paper, and rules that may run, on a collection: how well, and how early.

    Precision, recall and F1 of the positive class; ERDE, the early risk detection error (less is better);
    F1 weighted by latency; then how far the probabilities are from what came true. Intervals hold 95 of 100
    draws of the users. Evaluate on users the model was not trained on.

    Of a cascade it says, on labelled posts, how well and how fast it judges beside either part alone; of the
    options, --first and --json are for it.

    Example: [bold]./screening evaluate data/demo --model data/model --users half-2[/bold]
    """
    if read_folder(model).kind == CASCADE:
        evaluate_cascade(collection, model, first, as_json=as_json)
        return
    loaded = load_model(model)
    advise(loaded)
    chosen_seed = seed_of(loaded) if seed is None else seed
    chosen = chosen_users(open_collection(collection, loaded.reading, is_strict=strict), users, chosen_seed)
    with bar("users") as progress:
        found = evaluate(loaded, chosen, chosen_seed, progress, per_week)
    title = f"{users} of {collection.resolve().name}, model {loaded.version}"
    if scores is not None:
        rows = "".join(f"{json.dumps(row)}\n" for row in scores_of(found, chosen))
        scores.write_text(rows, "utf-8")
    if picture is not None:
        picture.write_text(reliability_svg(found.quality, title), "utf-8")
    differences = {}
    if compare_with is not None:
        other = load_model(compare_with)
        advise(other)
        again = chosen_users(open_collection(collection, other.reading, is_strict=strict), users, chosen_seed)
        with bar("users") as progress:
            compared = evaluate(other, again, chosen_seed, progress)
        differences = compare(compared, found, chosen_seed)
    known = _knows(loaded, collection, users, chosen_seed)
    if as_json:
        about = {"model": loaded.version, "users": users.value, "seed": chosen_seed, "users_known": known}
        left_out = {"set_aside": dict(chosen.set_aside)}
        typer.echo(json.dumps({**about, **left_out, **found.to_json(), "differences": differences}, indent=2))
        return
    Screen().print(scores_table(found.methods, title))
    Screen().print(decisions_table(found.methods))
    Screen().print(quality_table(found.quality))
    Screen().print(reliability_table(found.quality.whole))
    typer.echo(quality_line(found.quality))
    if compare_with is not None:
        Screen().print(differences_table(differences, f"running rule, less that of {compare_with}"))
    for note in evaluation_notes(chosen, users_known=known):
        typer.echo(note)


def drift_command(
    *,
    collection: CollectionFolder,
    model: ModelFolder,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Compare the users of a collection with those a model was trained on; the truth about them is not used.

    A model from one place is at chance elsewhere, and as sure as ever. Exit status 1 with a warning.

    Example: [bold]./screening drift data/demo --model data/model[/bold]
    """
    loaded = load_model(model)
    advise(loaded)
    found = drift(loaded, open_collection(collection, loaded.reading).posts)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2))
    else:
        Screen().print(
            drift_table(found, f"{collection.resolve().name} beside what model {loaded.version} knows")
        )
        for warning in found.warnings:
            typer.echo(f"warning: {warning}")
    if found.warnings:
        raise typer.Exit(1)


def chosen_users(collection: Collection, users: Users, seed: int) -> Collection:
    """Return the part of a collection that these users wrote."""
    first, second = split_users(collection.truth, seed)
    chosen: Mapping[Users, Sequence[str]] = {
        Users.HALF_1: first,
        Users.HALF_2: second,
        Users.ALL: sorted(collection.truth),
    }
    return collection.only(chosen[users])


def _knows(model: Model, collection: Path, users: Users, seed: int) -> bool:
    """Say whether the model was trained on some of these users."""
    trained_on = model.training.get("users_trained_on")
    if model.training.get("collection") != collection.resolve().name:
        return False
    return Users.ALL in (trained_on, users) or trained_on == users or seed != seed_of(model)


def seed_of(model: Model) -> int:
    """Return what split the users that the model was trained on from the others."""
    return int(model.training.get("recipe", {}).get("seed", 0))
