"""Where people say they are, as people say it."""

import pytest

from services.topics.places import country_of, gazetteer, is_within


@pytest.mark.parametrize(
    ("stated", "place"),
    [
        ("Madrid", "ES/Madrid"),
        ("Madrid, España", "ES/Madrid"),
        ("MÉXICO", "MX"),
        ("CDMX, México", "MX/Mexico City"),
        ("Londres", "GB/London"),
        ("living in london / UK", "GB/London"),
        ("U.S.A.", "US"),
        ("NYC", "US/New York City"),
        ("Austin, Texas", "US/Austin"),
        ("somewhere in Texas", "US"),
        ("🇪🇸", "ES"),
        ("上海", "CN/Shanghai"),
        ("中国 北京", "CN/Beijing"),
        ("Deutschland", "DE"),
        ("Georgia", "GE"),
        ("the moon", ""),
        ("nice to meet you", ""),
        ("she/her", ""),
        ("reading", ""),
        ("", ""),
        ("?" * 10_000, ""),
    ],
)
def test_a_place_is_known_by_what_people_call_it(stated: str, place: str) -> None:
    assert gazetteer().place_of(stated) == place


def test_a_city_is_not_taken_where_another_country_is_named() -> None:
    assert gazetteer().place_of("Birmingham, France") == "FR"


@pytest.mark.parametrize(
    ("place", "places", "within"),
    [
        ("ES/Madrid", ["ES"], True),
        ("ES/Madrid", ["ES/Madrid"], True),
        ("ES", ["ES/Madrid"], False),
        ("", ["ES"], False),
        ("", [], True),
    ],
)
def test_a_city_is_in_its_country(place: str, places: list[str], within: bool) -> None:
    assert is_within(place, places) is within


def test_every_city_is_in_a_country_that_is_known() -> None:
    known = gazetteer()
    places = {known.place_of(name) for name in ("Lagos", "Lima", "Tokyo", "Sydney", "Paris")}

    assert places == {"NG/Lagos", "PE/Lima", "JP/Tokyo", "AU/Sydney", "FR/Paris"}
    assert all(known.knows(country_of(place)) for place in places)
