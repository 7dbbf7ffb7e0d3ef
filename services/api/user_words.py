"""The words that carry what the model makes of a user: added up over the posts, each by its share."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from catenae import Documents
from services.api.answers import UserWords, WordShare
from services.api.users import PROBABILITIES

# Of the posts with the highest probability of their own: what lies behind them adds little.
MOST_POSTS = 1000
MOST_WORDS = 12
# No model adds as much; sums of what is below stay numbers.
_MOST_TERM = 1e9


def user_words(documents: Documents, user: str) -> UserWords:
    """Return the words that raise or lower a user's posts most.

    A word's share is the sum of what it adds to the scores of posts by themselves, of all that words add
    there, either way; so shares of raising and lowering words together are 1 at most.
    """
    found = documents.find(
        PROBABILITIES,
        {"user": user},
        sort="post_probability",
        descending=True,
        limit=MOST_POSTS,
        fields=["words"],
    ).documents
    added: defaultdict[str, float] = defaultdict(float)
    posts: Counter[str] = Counter()
    for each in found:
        for word, term in _terms(each["words"]):
            added[word] += term
            posts[word] += 1
    total = sum(map(abs, added.values()))
    most = sorted(added, key=lambda word: (-abs(added[word]), word))[:MOST_WORDS] if total > 0 else []
    return UserWords(
        posts=len(found),
        words=[WordShare(word=word, share=added[word] / total, posts=posts[word]) for word in most],
    )


def _terms(words: object) -> Iterator[tuple[str, float]]:
    """Yield what are words and terms; whatever else a document holds is left out."""
    for each in words if isinstance(words, list) else ():
        match each:
            case [str() as word, int() | float() as term] if abs(term) < _MOST_TERM:
                yield word, term
