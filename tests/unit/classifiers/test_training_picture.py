"""The picture of a training: what is in it, and that it is a picture."""

from xml.etree import ElementTree as ET

import pytest

from services.classifiers.bars_picture import bars_svg
from services.classifiers.training_picture import Panel, training_svg

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*panels: Panel) -> ET.Element:
    return ET.fromstring(training_svg("a <network>", "epoch", panels))


def test_each_measure_has_its_panel_and_each_line_its_name_and_end() -> None:
    loss = Panel("loss", {"trained on": [0.9, 0.5, 0.25], "held out": [1.0, 0.7, 0.6]})
    picture = drawn(loss, Panel("accuracy", {"held out": [0.5, 0.7, 0.8]}))

    texts = {text.text for text in picture.iter(f"{SVG}text")}
    assert {"a <network>", "loss", "accuracy", "epoch", "trained on, at last 0.25"} <= texts
    lines = [line.attrib["points"].split() for line in picture.iter(f"{SVG}polyline")]
    assert [len(line) for line in lines] == [3, 3, 3]


def test_less_loss_is_further_down() -> None:
    (line,) = drawn(Panel("loss", {"": [0.8, 0.4, 0.0]})).iter(f"{SVG}polyline")

    points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
    assert points == [(64.0, 56.0), (274.0, 176.0), (484.0, 296.0)]


def test_a_single_value_is_a_dot_and_none_is_no_picture() -> None:
    assert len(list(drawn(Panel("loss", {"": [0.5]})).iter(f"{SVG}circle"))) == 1

    with pytest.raises(ValueError, match="no value"):
        drawn(Panel("loss", {"": []}))


def test_bars_are_as_high_as_what_they_stand_for() -> None:
    picture = bars_svg("a & b", {"precision": {"a": 0.25, "b": 0.5}, "f1": {"b": 1.0}})

    root = ET.fromstring(picture)
    bars = [each for each in root.iter(f"{SVG}rect") if each.get("width") == "44"]
    assert [float(each.get("height", "")) for each in bars] == [60, 120, 240]
    shown = [each.text for each in root.iter(f"{SVG}text")]
    assert {"a & b", "precision", "f1", "0.250", "0.500", "1.000", "a", "b"} <= set(shown)


def test_no_bar_is_no_picture() -> None:
    with pytest.raises(ValueError, match="no value to be drawn"):
        bars_svg("nothing", {"f1": {}})
