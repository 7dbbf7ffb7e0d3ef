"""Agreement beyond chance, against figures of irrCAC 0.4.4, scikit-learn and scipy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from sklearn.metrics import cohen_kappa_score

from services.api.agreement import Case, ac2, alpha, kappa, pairs, student_975
from services.api.review_record import Verdict

CODE = {"n": Verdict.NO_RISK, "u": Verdict.UNSURE, "r": Verdict.RISK}
# Each word is a case, each letter what a reviewer found. Then κ of the first two reviewers (Conger's, which
# for two is Cohen's), α (nominal) and AC2 (linear weights), each with its 95 % interval, as irrCAC has them.
REFERENCE = [
    (
        "rr nn rr rn rr ru nn rn rr rr rr nn",
        (0.52, 0.046844237591043, 0.993155762408957),
        (0.517482517482517, -0.030589386945797, 1.0),
        (0.64461994076999, 0.187159605916692, 1.0),
    ),
    (
        "u-n -un -r- -nu uru r-u rru nnn urr --r rrr ruu rnr -uu unn r-- ru- -rr n-- rnn n-- rn- "
        "-nn rrr nu- --n nrr rn- r-- -rn rn- urn -u- --r -r- nu- uuu nnn n-n",
        (-0.056603773584906, -0.37497903643005, 0.261771489260238),
        (0.151806526806527, -0.08624317878082, 0.389856232393874),
        (0.108693847961861, -0.166205114129221, 0.383592810052944),
    ),
    (
        "r-rr- r-uuu --r-- -nuun rur-- uru-- nnnrr --run -rnr- rn--r -r-r- --r-- r---u urn-r -uunr "
        "---rn ---u- n---n ---un rnr-r nr-u- --nrr ---r- -n-n- ----n",
        (-0.3125, -0.862203225234518, 0.237203225234519),
        (0.044056525353284, -0.150741709070094, 0.23885475977666),
        (0.069342807399963, -0.217053952512036, 0.355739567311963),
    ),
    (
        "nn-- rrrr rr-r -nnu nr-u rrrr -rrr -uu-",
        (0.545454545454546, -0.578656827534309, 1.0),
        (0.629032258064516, 0.124231533048682, 1.0),
        (0.749710312862109, 0.283755376412692, 1.0),
    ),
]


def cases_of(words: str) -> list[Case]:
    return [
        {str(who): CODE[letter] for who, letter in enumerate(word) if letter != "-"} for word in words.split()
    ]


def both_of(words: str) -> list[tuple[Verdict, Verdict]]:
    return [(case["0"], case["1"]) for case in cases_of(words) if {"0", "1"} <= case.keys()]


@pytest.mark.parametrize(("words", "kappa_of_two", "alpha_of_all", "ac2_of_all"), REFERENCE)
def test_coefficients_and_intervals_are_those_of_the_reference(
    words: str,
    kappa_of_two: tuple[float, ...],
    alpha_of_all: tuple[float, ...],
    ac2_of_all: tuple[float, ...],
) -> None:
    assert kappa(both_of(words)) == pytest.approx(kappa_of_two, abs=1e-9)
    assert alpha(cases_of(words)) == pytest.approx(alpha_of_all, abs=1e-9)
    assert ac2(cases_of(words)) == pytest.approx(ac2_of_all, abs=1e-9)


@pytest.mark.parametrize("freedom", [1, 2, 3, 7, 30, 199, 1000, 100_000])
def test_the_quantile_of_the_interval_is_students(freedom: int) -> None:
    assert student_975(freedom) == pytest.approx(student.ppf(0.975, freedom), rel=1e-9)


@pytest.mark.lengthy
@given(st.lists(st.tuples(st.sampled_from(Verdict), st.sampled_from(Verdict)), min_size=2, max_size=40))
def test_kappa_is_scikit_learns(both: list[tuple[Verdict, Verdict]]) -> None:
    found = kappa(both)

    if len({verdict for pair in both for verdict in pair}) > 1:
        assert found is not None
        assert found.value == pytest.approx(cohen_kappa_score(*zip(*both, strict=True)), abs=1e-9)
    else:
        assert found is None


def test_where_nothing_can_be_said_nothing_is() -> None:
    alone: list[Case] = [{"one": Verdict.RISK}, {"other": Verdict.RISK}]

    assert (pairs(alone), alpha(alone), ac2(alone)) == ([], None, None)


def test_pairs_are_those_with_a_case_in_common_most_first() -> None:
    found = pairs(cases_of("rr- rn- --r -nn"))

    assert [(each.one, each.other, each.cases, each.agreed) for each in found] == [
        ("0", "1", 2, 0.5),
        ("1", "2", 1, 1.0),
    ]
