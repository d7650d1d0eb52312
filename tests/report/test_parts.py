"""The parts of pages: elements, differences, charts, settings."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.report.charts import Bar, bars, heat_map, scatter
from nlpx.report.differences import by_character, by_word
from nlpx.report.html import Html, element, words
from nlpx.report.sections.classes import wilson
from nlpx.report.sections.curves import POINTS, thinned
from nlpx.report.sections.samples import some
from nlpx.runs.config_diff import NONE, changed_settings
from nlpx.tasks.couplet.config import Couplet
from tests.report.pages import Page
from tests.runs.making import couplet

SVG = "{http://www.w3.org/2000/svg}"
TEXT = st.text("春秋<&山水", max_size=12)


@settings(max_examples=40)
@given(st.text(max_size=20), st.text(max_size=20))
def test_an_element_has_one_text_and_one_attribute(inside: str, attribute: str) -> None:
    page = Page(element("p", inside, title=attribute))
    assert [name for name, _ in page.tags] == ["p"]
    assert [*page.tags[0][1]] == ["title"]
    assert Page(element("p", words(inside))).words == page.words


def test_only_functions_make_html() -> None:
    assert element("p", "<b>", element("i", "<")) == "<p>&lt;b&gt;<i>&lt;</i></p>"
    assert isinstance(element("p"), Html)
    assert not isinstance(element("p") + "<b>", Html)


@given(TEXT, TEXT)
def test_differences_leave_what_is_equal(reference: str, prediction: str) -> None:
    ours, theirs = by_character(reference, prediction)
    plain = [re.sub("<[^>]*>", "", side) for side in (ours, theirs)]
    assert plain == [words(reference), words(prediction)]
    common = [re.sub(r"<(del|ins)>.*?</\1>", "", side) for side in (ours, theirs)]
    assert common[0] == common[1]


def test_texts_of_equal_length_are_compared_place_by_place() -> None:
    assert by_character("春花秋月", "秋花春月") == (
        "<del>春</del>花<del>秋</del>月",
        "<ins>秋</ins>花<ins>春</ins>月",
    )
    assert by_character("一春花秋月", "春花秋月二") == ("<del>一</del>春花秋月", "春花秋月<ins>二</ins>")


def test_words_are_compared_by_place() -> None:
    ours, theirs = by_word(["研究", "生命", "的"], ["研究生", "命", "的"])
    assert ours == "<del>研究</del> <del>生命</del> 的"
    assert theirs == "<ins>研究生</ins> <ins>命</ins> 的"


def test_bars_are_as_long_as_their_values() -> None:
    nan = float("nan")
    shown = [Bar("<春>", 2.0, 1.0, 3.0, "n = 4"), Bar("b", -1.0), Bar("c", nan), Bar("很" * 40, 1.0)]
    root = ElementTree.fromstring(bars("标题", shown))
    _, *rectangles = root.iter(f"{SVG}rect")
    lengths = [float(rectangle.attrib["width"]) for rectangle in rectangles]
    assert lengths == pytest.approx([95, 47.5, 47.5], abs=0.2)
    texts = {text.text or "" for text in root.iter(f"{SVG}text")}
    assert {"标题", "<春>", "2.000  n = 4", "nan"} <= texts
    assert any(text.endswith("…") for text in texts)
    assert float(root.attrib["width"]) < 800


def test_a_map_names_dots_that_have_room() -> None:
    points = [(0.0, 0.0), (0.0, 0.001), (1.0, 1.0)]
    root = ElementTree.fromstring(scatter("t", points, ["<一>", "二", "三"], ["a", "b", "a"]))
    dots = [*root.iter(f"{SVG}circle")]
    assert [dot.findtext(f"{SVG}title") for dot in dots] == ["<一>", "二", "三"]
    assert dots[0].attrib["fill"] == dots[2].attrib["fill"] != dots[1].attrib["fill"]
    assert [text.text for text in root.iter(f"{SVG}text")] == ["t", "<一>", "三"]


def test_a_heat_map_has_a_square_for_each_pair() -> None:
    root = ElementTree.fromstring(
        heat_map(
            "t",
            ["一", "<"],
            ["一个很长的名字", "b"],
            [[1.0, 0.0], [-0.5, float("nan")]],
            [["9", ""], ["1", ""]],
        )
    )
    _, *squares = root.iter(f"{SVG}rect")
    assert [square.attrib["fill"] for square in squares] == [
        "rgb(31,111,180)",
        "rgb(255,255,255)",
        "rgb(222,152,148)",
        "rgb(255,255,255)",
    ]


def test_settings_are_compared_with_the_defaults_of_their_component() -> None:
    config = couplet(
        optimizer={"type": "sgd", "learning_rate": 0.5},
        model={"encoder": [{"type": "gated_conv", "repeat": 3}, {"type": "conv", "filters": 8}]},
        name="x",
    )
    changed = {setting.key: (setting.value, setting.default) for setting in changed_settings(config)}
    assert changed["optimizer"] == ("sgd", "adam")
    assert changed["optimizer.learning_rate"][0] == "0.5"
    assert changed["model.encoder.0.repeat"][0] == "3"
    assert changed["model.encoder.1"] == ("conv", NONE)
    assert changed["model.encoder.1.filters"][0] == "8"
    assert "name" not in changed
    assert changed_settings(Couplet.model_validate({"task": "couplet"})) == []


def test_the_interval_of_a_proportion() -> None:
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)  # Newcombe 1998
    assert wilson(0, 5) == pytest.approx((0.0, 0.4345), abs=1e-4)
    assert wilson(5, 5) == pytest.approx((0.5655, 1.0), abs=1e-4)


def test_long_curves_keep_their_mean() -> None:
    curve = [(float(step), float(step % 7)) for step in range(10 * POINTS)]
    shown = thinned(curve)
    assert len(shown) == POINTS
    assert sum(y for _, y in shown) / POINTS == pytest.approx(sum(y for _, y in curve) / len(curve))


@pytest.mark.parametrize("best", [None, 1, 50, 99])
def test_some_steps_include_the_first_the_best_and_the_last(best: int | None) -> None:
    chosen = some(range(1, 100), best)
    assert len(chosen) == 5
    assert {1, 99, best} - {None} <= {*chosen}
