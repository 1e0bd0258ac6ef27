"""The picture: a line for each range, in words too, and nothing that a narrow screen shrinks."""

from __future__ import annotations

from bs4 import BeautifulSoup

from venues.charts import Bar, bars


def test_each_range_is_told_in_words_and_for_those_who_do_not_see_it() -> None:
    drawn = BeautifulSoup(bars([Bar("Mums", 420, 4200), Bar("Ours", 300, 300, own=True)], "Readers"), "lxml")
    texts = [each.text for each in drawn.select("text:not(.tick)")]
    assert texts == ["Mums", "420 to 4,200", "Ours", "300"]
    assert drawn.select_one("title").text == "Readers"  # type: ignore[union-attr]
    assert drawn.select_one("desc").text == "Mums: 420 to 4,200; Ours: 300"  # type: ignore[union-attr]
    assert len(drawn.select("rect.own")) == 1


def test_nothing_is_scaled_and_nothing_lies_outside() -> None:
    drawn = BeautifulSoup(bars([Bar("Few", 1, 1), Bar("Many", 5, 70_000_000_000)], "Readers"), "lxml")
    svg = drawn.svg
    assert svg is not None
    assert not svg.has_attr("viewbox")
    for rect in svg.select("rect"):
        x = float(str(rect["x"]).rstrip("%"))
        width = float(str(rect["width"]).rstrip("%"))
        assert 0 <= x <= x + width <= 100.11
        assert rect["class"] == ["from"] or width >= 1


def test_a_long_or_hostile_name_is_cut_and_no_markup() -> None:
    drawn = bars([Bar("<b>" + "x" * 60, 1, 10)], "Readers")
    assert "<b>" not in drawn
    (label,) = BeautifulSoup(drawn, "lxml").select("text.label")
    assert len(label.text) <= 34
    assert label.text.endswith("…")


def test_without_sizes_there_is_no_picture() -> None:
    assert bars([], "Readers") == ""
