"""What is done to a text before a model sees it: steps by name, in the order in which a manifest lists them.

Training and use run this same code, so what a model has not learned from it is not shown either. A step keeps
its meaning for good: one that is to do something else gets another name.
"""

import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from services.classifiers.chinese import segmenter, simplifier, with_placeholders, without_noise

Step = Callable[[str], str]

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
# Of any other length, a number would be none that Python reads.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# Seven digits or more, as people group them; a year, a price or a time has fewer.
_NUMBER = re.compile(r"(?<!\w)\+?\d(?:[\s().-]{0,2}\d){6,}(?!\w)")
_MENTION = re.compile(r"(?<![\w@])@[\w.-]*\w|(?<!\w)/?u/[\w-]+")
_HASHTAG = re.compile(r"(?<!\w)[#＃](?=\w)")
_BRACKETS = re.compile(r"\[[^\[\]\s]{1,12}\]|【[^【】]{0,60}】")
# Eyes, nose and mouth, either way round; hearts; faces in brackets.
_EMOTICON = re.compile(
    r"""
    (?<![\w:;=])(?: [<>}]?[:;=8xX]['’]?[-o^*]?[)\](\[{}dDpPoO/\\|@3*><$#]{1,9}(?!\w)   # :-)
      | [)\](\[{}/\\|]{1,9}[-o^]?['’]?[:;=][<>]?(?!\w) )                               # (-:
  | </?3{1,9}
  | \(\s?[^\w\s()]\s?[\w.^~-]{0,2}\s?[^\w\s()]\s?\)                                # (^_^)
  | (?<!\w)(?:[xX]D{1,9}|[tT][_.][tT]|[oO][_.][oO]|[;:]_{1,9}[;:]|>[_.]{1,9}<|-_{1,9}-|\^[_.-]{0,9}\^)(?!\w)
    """,
    re.VERBOSE,
)
_EMOJI = re.compile(
    "[\u203c\u2049\u20e3\u2122\u2139\u2190-\u21ff\u231a-\u23ff\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55\u3030"
    "\u303d\u3297\u3299\ufe0f\u200d\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)


def _without(pattern: re.Pattern[str], instead: str = " ") -> Step:
    return lambda text: pattern.sub(instead, text)


STEPS: Mapping[str, Step] = {
    # "&amp;" is what a network makes of a sign, not what somebody wrote.
    "entities": lambda text: _ENTITY.sub(lambda entity: html.unescape(entity[0]), text),
    "privacy": lambda text: _NUMBER.sub(" ", _MAIL.sub(" ", text)),
    "links": _without(_LINK),
    "mentions": _without(_MENTION),
    # The word stays.
    "hashtags": _without(_HASHTAG, ""),
    "brackets": _without(_BRACKETS),
    "emoticons": lambda text: _EMOTICON.sub(" ", _EMOJI.sub(" ", text)),
    "case": str.lower,
    "spaces": lambda text: " ".join(text.split()),
    "placeholders": with_placeholders,
    # Of words that have a space between them.
    "noise": without_noise,
}
# What packages of an extra do: made where a model asks for them.
MADE: Mapping[str, Callable[[], Step]] = {"simplified": simplifier, "segments": segmenter}
NAMES = (*STEPS, *MADE)
# What says who somebody is, and what only a network writes.
USUAL = ("entities", "privacy", "links", "mentions", "hashtags", "spaces")
# Of Chinese, in words. Segmentation would tear emoticons in brackets apart, so these go before it.
CHINESE = ("entities", "placeholders", "simplified", "case", "brackets", "emoticons", "segments", "noise")


class MissingPackage(ImportError):
    """A step whose package is not installed; `name` is that of the package."""

    def __init__(self, step: str, package: str | None) -> None:
        super().__init__(f"step {step!r} of preprocessing needs package {package}", name=package)


class UnknownStep(ValueError):
    """A step of another release; `name` is what it is called."""

    def __init__(self, name: object) -> None:
        super().__init__(f"step {name!r} of preprocessing, which this code does not know: {', '.join(NAMES)}")
        self.name = name


def preprocessing(names: Iterable[object]) -> Step:
    """Return what does these steps, one after the other.

    Raises UnknownStep for a name of none, MissingPackage for one whose package is not installed.
    """
    steps: Sequence[Step] = [_step(name) for name in names]

    def run(text: str) -> str:
        for step in steps:
            text = step(text)
        return text

    return run


def _step(name: object) -> Step:
    if not isinstance(name, str) or name not in NAMES:
        raise UnknownStep(name)
    if name in STEPS:
        return STEPS[name]
    try:
        return MADE[name]()
    except ImportError as error:
        raise MissingPackage(name, error.name) from error
