"""JSON within pages, and values of JSON that are taken only as what they are."""

from __future__ import annotations

import re

import pytest

from crawlers.embedded import json_behind, json_of
from crawlers.nesting import first_count
from crawlers.parsing import flag_or_none

START = re.compile(r"data = ")


def test_json_is_read_to_its_own_end() -> None:
    assert json_behind(START, 'var data = {"a": ["</p>"]}; more()') == {"a": ["</p>"]}


@pytest.mark.parametrize("text", ["", "data = ", "data = {", "data = undefined", "data = " + "[" * 100_000])
def test_what_is_no_json_is_none(text: str) -> None:
    assert json_behind(START, text) is None


@pytest.mark.parametrize(("text", "held"), [('{"a": 1}', {"a": 1}), ("{", None), ("", None), (None, None), ([1], None)])
def test_a_text_of_json_is_read(text: object, held: object) -> None:
    assert json_of(text) == held


def test_the_first_count_that_is_there_is_taken_even_if_it_is_nought() -> None:
    assert first_count({"all": None, "own": 0, "other": 7}, "all", "own", "other") == 0
    assert first_count({}, "all") is None


@pytest.mark.parametrize(("value", "flag"), [(True, True), (False, False), (1, None), ("true", None), (None, None)])
def test_only_a_truth_is_a_truth(value: object, flag: bool | None) -> None:
    assert flag_or_none(value) is flag
