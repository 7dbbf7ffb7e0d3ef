"""The contract of whatever judges posts: a model of any kind, made of its files once, asked in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from services.reddit.records import TextRecord

# What was there to be judged; "none" where a post has nothing that the model can read.
Modality = Literal["text", "image", "both", "none"]


@dataclass(frozen=True, slots=True)
class Post:
    """What is to be judged, and of whom or when it is has no bearing on it.

    text      the author's own words, as the classifier's `own_words` tells them from others'
    language  as stated, a code such as "es"; "" where nothing is stated
    images    thumbnails, in the order of the post, as `services.images.values.Thumbnail` has them
    """

    text: str
    language: str = ""
    images: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely a post shows what the model is about.

    probability  0 … 1; of a post with nothing to judge, what the model says of nothing
    words        what weighed most in either direction, the strongest first, and by how much in log-odds;
                 empty where the kind cannot say so
    """

    probability: float
    words: Sequence[tuple[str, float]] = ()
    modality: Modality = "text"


class PostClassifier(Protocol):
    """Judges posts, each by itself. Stateless; one thread at a time.

    The same version gives a post the same probability, to 1e-5, whatever stands beside it in the batch, in
    whatever order, on whatever machine.
    """

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits that change with whatever the probabilities depend on."""

    @property
    def about(self) -> str:
        """Signs of what it looks for, in a word or two."""

    @property
    def threshold(self) -> float:
        """Probability from which a post, or a user, is worth a look."""

    @property
    def min_posts(self) -> int:
        """Posts that a user must have written before they are worth a look."""

    @property
    def advice(self) -> str:
        """One line about a model that is out of date; empty of any other."""

    def own_words(self, record: TextRecord) -> str:
        """Return what of a record its author wrote, as it was when the model was trained."""

    def classify(self, posts: Sequence[Post], words: int = 0) -> list[Judgement]:
        """Judge posts; of as many, in their order, and at most `words` words each.

        Never raises for what a post holds: any text, of any length, is judged.
        """
