"""The command that trains a model of any kind on a collection."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from services.classifiers.commands import (
    EmbeddingName,
    EncoderAsked,
    EncoderName,
    Steps,
    WordsAsked,
    assemble_cascade,
    assemble_fused,
    train_encoder,
    train_on_images,
    train_on_words,
    tune_encoder,
)
from services.classifiers.encoders.choice import DEFAULT
from services.classifiers.words import ERROR, ITERATIONS
from services.cli.collection_asked import (
    CollectionFolder,
    ModelFolder,
    Strict,
    Users,
    WhichUsers,
    chosen_users,
)
from services.cli.report import training_summary
from services.depression.model.about import ABOUT
from services.depression.model.artefact import save_model
from services.depression.model.collections import open_collection
from services.depression.progress import bar
from services.depression.recipe import PAPER, Recipe

# What a training does unless told otherwise.
CHOSEN = Recipe()


class Kind(StrEnum):
    """What a model looks at."""

    LINEAR = "linear"
    ENCODER = "encoder"
    CASCADE = "cascade"
    SVM = "svm"
    LSTM = "lstm"
    CNN_LSTM = "cnn_lstm"
    IMAGE = "image"
    FUSED = "fused"


class Penalty(StrEnum):
    """What keeps the weights of the regression small."""

    L1 = "l1"
    L2 = "l2"


FusedPart = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of what judges these, of kind fused.", show_default=False),
]
CascadePart = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder of that part of a cascade.", show_default=False),
]


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
            "cnn_lstm: Chinese words; image: images; fused: both."
        ),
    ] = Kind.LINEAR,
    encoder: EncoderName = DEFAULT,
    step: Steps = None,
    cheap: CascadePart = None,
    heavy: CascadePart = None,
    text: FusedPart = None,
    image: FusedPart = None,
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
    otherwise; --about, --seed, --embedding, --iterations and --error are for them. Kind image takes labelled
    posts whose images are files beside them, --about and --seed; kind fused joins two models, --text and
    --image, by such posts.

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
    if kind is Kind.FUSED:
        assemble_fused(collection, model, text, image)
        return
    if kind is Kind.IMAGE:
        train_on_images(collection, model, about, seed)
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
