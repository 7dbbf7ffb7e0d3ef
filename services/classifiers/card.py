"""What is to be known of a classifier of posts before it is relied on, as a page; made of its manifest."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.depression.model_card import model_card
from services.models.folder import FIRST_KIND


def card_of(manifest: Mapping[str, Any]) -> str:
    """Return the page, in Markdown, of a model of any kind; made of a manifest that was found in order."""
    if manifest.get("kind", FIRST_KIND) == FIRST_KIND:
        return model_card(manifest)
    return "\n".join(_lines(manifest)) + "\n"


def _lines(said: Mapping[str, Any]) -> Iterator[str]:
    training = said["training"]
    yield f"# Model {said['version']}: posts that show signs of {said['about']}"
    yield ""
    yield "It supports experts; it never decides about a person. A probability is what a model makes of a"
    yield "post, and no diagnosis; a share of posts is no prevalence among people."
    yield ""
    yield "## What it is"
    yield ""
    yield f"- Kind {said['kind']}; classes: {' and '.join(map(repr, said['labels']))}, the second looked for"
    yield f"- Languages it was trained on: {', '.join(said['languages'])}"
    yield f"- Preprocessing: {', '.join(said['preprocessing']) or 'none'}; reading {said['reading']} of texts"
    yield f"- A post is worth a look from p = {said['threshold']:g} on"
    yield from _encoder(said["encoder"]) if "encoder" in said else ()
    yield from _words(said) if "embedding" in said else ()
    yield ""
    yield "## Trained on"
    yield ""
    yield from _training(training)
    yield "## Known failures, and what it is not for"
    yield ""
    yield "- Posts of another network, language, subject or time: it is as sure of them as of any other."
    yield "- Sad events that are told of, irony, quotations, fiction and advice to others."
    yield "- Decisions about persons without a trained person's look; employment, insurance, police."
    yield "- Figures above are of posts held out of the same collection, and are lower anywhere else."


def _encoder(encoder: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"- Encoder {encoder['name']}, from package {encoder['package']} {encoder['version']}, licence "
        f"{encoder['licence']}; it reads {encoder['longest']:,} characters of a post"
    )


def _words(said: Mapping[str, Any]) -> Iterator[str]:
    known = f"it knows {said['training']['words']:,} and " if "words" in said["training"] else ""
    yield f"- Words begin as {said['embedding']}; {known}reads the first {said['most_words']:,} of a post"


def _training(training: Mapping[str, Any]) -> Iterator[str]:
    if "folds" not in training and "held_out" not in training:
        yield "- Not said"
        yield ""
        return
    yield f"- {training['posts']:,} posts, {training['positives']:,} positive, each text once"
    yield f"- {training['repeated']:,} repeated texts left out"
    yield f"- {training['contradicting']:,} more, whose texts were labelled both ways"
    yield f"- Split by {'user' if training['split_by_user'] else 'post, as no user was known'}"
    yield ""
    yield from _measures(training["folds"]) if "folds" in training else _held_out(training)


def _held_out(training: Mapping[str, Any]) -> Sequence[str]:
    """Return what a tuning says of posts that nothing was chosen by, and how it went."""
    rows = [f"| {name} | {each:.3f} |" for name, each in training["held_out"].items()]
    head = [f"| {training['parts'][2]:,} posts that nothing was chosen by | |", "|---|---|", *rows, ""]
    if "epochs" not in training:
        return [*head, *_iterations(training["losses"])]
    epochs = [
        f"| {number} | {each['loss']:.3f} | {each['accuracy']:.3f} | {each['held_loss']:.3f} | "
        f"{each['held_accuracy']:.3f} |"
        for number, each in enumerate(training["epochs"], start=1)
    ]
    learned = ["| epoch | loss | accuracy | loss held out | accuracy held out |", "|---|---|---|---|---|"]
    return [*head, *learned, *epochs, ""]


def _iterations(losses: Sequence[float]) -> Sequence[str]:
    if not losses:
        return []
    return [f"- {len(losses):,} iterations; loss {losses[0]:.3f} at first, {losses[-1]:.3f} at last", ""]


def _measures(folds: Mapping[str, Mapping[str, float]]) -> Sequence[str]:
    rows = [f"| {name} | {each['mean']:.3f} ± {each['deviation']:.3f} |" for name, each in folds.items()]
    return ["| posts held out | mean over folds ± deviation |", "|---|---|", *rows, ""]
