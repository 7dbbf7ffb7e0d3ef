"""What travels between the nodes of a classifier: all keyed by user."""

from services.classifiers.classifier import Modality
from services.depression.values import Change, Count, Probability


class PostEvidence(Change):
    """What a classifier says of a post; of one that is taken away nothing but that it is.

    model      version that says so
    threshold  from which that model finds a post, or a user, worth a look
    min_posts  a user with fewer is not worth one
    words      [word, what it weighs in log-odds]; the strongest in either direction first
    """

    probability: Probability
    threshold: Probability
    min_posts: Count
    words: list[list[str | float]]
    modality: Modality
