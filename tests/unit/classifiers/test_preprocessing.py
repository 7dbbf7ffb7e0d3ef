"""Steps of preprocessing by name: what each takes out, and what it leaves alone."""

from time import process_time

import pytest

from services.classifiers.preprocessing import STEPS, USUAL, UnknownStep, preprocessing


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


@pytest.mark.parametrize("name", list(STEPS))
@pytest.mark.parametrize(
    "part", ["(", ":", "[", "@.", "1 ", "1", "a.", "<3", "-_", "a@b.", "w://", "&#1", "\ud800"]
)
def test_no_text_takes_long(name: str, part: str) -> None:
    started_s = process_time()

    preprocessing([name])(part * 10_000)

    assert process_time() - started_s < 1


def test_a_step_of_another_release_is_named() -> None:
    with pytest.raises(UnknownStep, match="step 'magic' of preprocessing, which this code does not know"):
        preprocessing([*USUAL, "magic"])
