"""Steps of preprocessing by name: what each takes out, and what it leaves alone."""

import sys
from collections.abc import Callable
from functools import cache
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.classifiers.preprocessing import (
    CHINESE,
    MADE,
    NAMES,
    STEPS,
    USUAL,
    MissingPackage,
    UnknownStep,
    preprocessing,
)

UNCLEANED = tuple(step for step in CHINESE if step not in {"brackets", "emoticons"})


def after(text: str, *names: str) -> str:
    return preprocessing((*names, "spaces"))(text)


@pytest.mark.parametrize(
    ("step", "text", "left"),
    [
        ("entities", "&lt;3 you &amp; me", "<3 you & me"),
        ("privacy", "call +44 (0)20 7946-0958 or ann.b@mail.example.org now", "call or now"),
        ("privacy", "in 1984, for 25,000 at 10:30", "in 1984, for 25,000 at 10:30"),
        ("links", "see HTTPS://a.example/x?y=1 and www.b.example", "see and"),
        ("mentions", "@ann: thank you @b_c, /u/somebody and u/one", ": thank you , and"),
        ("mentions", "ann@mail.example and menu/tea", "ann@mail.example and menu/tea"),
        ("hashtags", "#sad and ＃难过 but C# and #1", "sad and 难过 but C# and 1"),
        ("brackets", "今天[泪][心碎]下雨【转发】", "今天 下雨"),
        ("brackets", "[a long remark of somebody] stays", "[a long remark of somebody] stays"),
        ("emoticons", "so sad :( :'-( ):", "so sad"),
        ("emoticons", "fine :-) ;) =D xD <3 </3", "fine"),
        ("emoticons", "(^_^) T_T o_O >_< ^_^", ""),
        ("emoticons", "tea 🙂👍🏽 ☕️ 👩‍👩‍👧", "tea"),
        ("emoticons", "at 10:30, a:b, note: (later) and 3 < 4", "at 10:30, a:b, note: (later) and 3 < 4"),
        ("emoticons", "exam x degree, tea; then bed", "exam x degree, tea; then bed"),
        ("case", "So SAD", "so sad"),
    ],
)
def test_a_step_takes_out_what_it_is_for(step: str, text: str, left: str) -> None:
    assert after(text, step) == left


def test_what_is_left_does_not_say_what_was_there() -> None:
    happy, sad = after("the weather :-) 🙂 [微笑]", *STEPS), after("the weather :-( 😢 [泪]", *STEPS)

    assert happy == sad == "the weather"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("请加@小明_01：电话13812345678谢谢", "请加 某人 ：电话 号码 谢谢"),
        ("身份证11010519491231002X看https://t.cn/A6abc吧", "身份证 号码 看 网址 吧"),
        ("写信到ann.b@mail.example谢谢，2020年1月", "写信到 邮箱 谢谢，2020年1月"),
    ],
)
def test_who_somebody_is_becomes_a_word_for_it_with_no_space_around(text: str, left: str) -> None:
    assert after(text, "placeholders") == left


def test_noise_is_what_says_nothing_and_no_denial() -> None:
    assert after("我 真的 不 难过 了 ， 也 没有 哭 ！", "noise") == "真的 不 难过 没有 哭"


def test_chinese_becomes_the_words_that_say_something() -> None:
    _require_chinese()

    assert after("今天很難過[泪]，我不想上班 @小明", *CHINESE) == "今天 很 难过 不想 上班 某人"


@given(text=st.text() | st.text(st.sampled_from("很難過[泪]。@小明１3８-.hX \n\ud800\0a")))
def test_any_text_becomes_words_with_one_space_between(text: str) -> None:
    _require_chinese()

    words = _in_chinese_words()(text)

    assert words == " ".join(words.split())


@cache
def _in_chinese_words() -> Callable[[str], str]:
    return preprocessing(CHINESE)


@pytest.mark.lengthy
def test_a_label_that_sits_in_emoticons_is_gone_after_cleaning() -> None:
    """In public collections it at times does: somebody has labelled by it."""
    _require_chinese()
    from tests.unit.classifiers.leak import f1_by_words, leaking  # noqa: PLC0415  it loads scikit-learn

    posts = leaking(400, seed=3)

    with_leak, cleaned = (f1_by_words(posts, steps) for steps in (UNCLEANED, CHINESE))
    assert with_leak >= 0.9
    assert cleaned <= 0.7


def test_a_step_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rjieba", None)

    with pytest.raises(MissingPackage, match="step 'segments' of preprocessing needs package rjieba"):
        preprocessing(CHINESE)


def _require_chinese() -> None:
    for package in ("opencc", "rjieba"):
        pytest.importorskip(package, reason="the extra chinese is not installed")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "part", ["(", ":", "[", "@.", "1 ", "1", "a.", "<3", "-_", "a@b.", "w://", "&#1", "\ud800"]
)
def test_no_text_takes_long(name: str, part: str) -> None:
    if name in MADE:
        _require_chinese()
    run = preprocessing([name])
    # What is made may have a dictionary to read.
    run(part)
    started_s = process_time()

    run(part * 10_000)

    assert process_time() - started_s < 1


def test_a_step_of_another_release_is_named() -> None:
    with pytest.raises(UnknownStep, match="step 'magic' of preprocessing, which this code does not know"):
        preprocessing([*USUAL, "magic"])
