"""Steps of preprocessing for Chinese: what says who somebody is, one script, words, and what says nothing.

Of the extra chinese. Patterns are of ASCII where the signs of the language stand next to what is sought:
no space parts a number or an address from the word before it.
"""

import re
from collections.abc import Callable

_LINK = re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)
_MAIL = re.compile(
    r"(?<![A-Za-z0-9.+_-])[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)
_HANDLE = re.compile(r"[@＠][\w-]{1,30}")
# Telephones, and numbers of identity cards, of which the last sign may be a letter.
_NUMBER = re.compile(r"(?<![A-Za-z0-9])\+?\d(?:[ .()-]{0,2}\d){6,}[Xx]?(?![A-Za-z0-9])")
_PLACEHOLDERS = ((_LINK, "网址"), (_MAIL, "邮箱"), (_HANDLE, "某人"), (_NUMBER, "号码"))

_SIGN = re.compile(r"\w")
# What stands in any sentence. What denies is none of it.
_COMMON = """
的 了 着 过 得 地 之 是 在 和 与 及 或 而 且 但 但是 而且 以及 或者 并 并且
就 也 都 还 又 才 把 被 给 让 对 对于 从 到 向 往 于 由 以 为 因为 所以
因此 如果 虽然 这 那 这个 那个 这些 那些 这样 那样 这里 那里 此 该 其 其中 一
一个 一些 一种 个 些 种 我 我们 你 你们 您 他 他们 她 她们 它 它们 自己 大家
啊 吧 呢 吗 嘛 呀 哦 哈 嗯 哎 啦 什么 怎么 怎样 谁 哪 哪个 哪里 多少 几 会
能 可以 要 有 来 去 上 下 里 中 说 做 等 等等 时 时候 然后 再 已 已经 正在
将 所 则 即 使 只 只是 还是 就是 比 像 跟 同 当 用 按 那么 这么
"""
_STOP_WORDS = frozenset(_COMMON.split())


def with_placeholders(text: str) -> str:
    """Put a word for what it is in place of each link, mail address, handle, and long number."""
    for pattern, placeholder in _PLACEHOLDERS:
        text = pattern.sub(f" {placeholder} ", text)
    return text


def without_noise(text: str) -> str:
    """Leave out of a text in words those that say nothing: signs, and what stands in any sentence."""
    return " ".join(word for word in text.split() if _SIGN.search(word) and word not in _STOP_WORDS)


def simplifier() -> Callable[[str], str]:
    """Return what writes traditional signs as simplified ones; raise ImportError without the extra."""
    from opencc import OpenCC  # noqa: PLC0415

    convert = OpenCC("t2s").convert
    return lambda text: convert(_encodable(text))


def segmenter() -> Callable[[str], str]:
    """Return what puts a space between two words; raise ImportError without the extra."""
    import rjieba  # noqa: PLC0415

    return lambda text: " ".join(rjieba.cut(_encodable(text)))


def _encodable(text: str) -> str:
    """Return the text without halves of surrogate pairs, which no bytes can stand for."""
    return text.encode("utf-8", "replace").decode("utf-8")
