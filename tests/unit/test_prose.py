"""Markdown and HTML made plain."""

from __future__ import annotations

import time

import pytest

from crawlers.prose import listed, plain, rules_in


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("**Leeds** _cyclists_ meet on ~~Monday~~ `Tuesday`", "Leeds _cyclists_ meet on Monday Tuesday"),
        ("# Welcome\n\n> Say hello\n\n---\n- tea\n2. cake", "Welcome Say hello tea cake"),
        ("![a banner](https://x.example/a.png)Read [the *wiki*](https://x.example/wiki 'hm').", "Read the wiki."),
        ("<p>Buy &amp; sell<br>in York</p>", "Buy & sell in York"),
        ("2 < 3 and 5 > 4", "2 < 3 and 5 > 4"),
        ("snake_case_names and 5 * 3", "snake_case_names and 5 3"),
        ("  ", None),
        (["a list"], None),
    ],
)
def test_marks_go_and_words_stay(written: object, meant: str | None) -> None:
    assert meant == plain(written)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ask @ann or @ann@x.example, please.", "Ask … or …, please."),
        ("Made by ann.bsky.social.", "Made by …."),
        ("Mods: [Ann](https://x.example/u/ann), [Bob](/@bob)", "Mods: …, …"),
        ("Meet @ 7 pm, mail club@leeds.example", "Meet @ 7 pm, mail club@leeds.example"),  # e-mail is blanked for all
        ("See [users' guide](https://x.example/users-guide)", "See users' guide"),
    ],
)
def test_handles_and_links_to_persons_are_blanked(written: str, kept: str) -> None:
    assert kept == plain(written)


@pytest.mark.parametrize(
    "heading", ["## Rules", "**Community rules**", "Our Rules:", "### Guidelines", "__Code of Conduct__"]
)
def test_the_list_under_a_heading_of_rules_is_the_rules(heading: str) -> None:
    text = f"About Leeds\n\n{heading}\n\n1. **Be kind**\n\n2) No adverts\n- Ask @ann\n\nLinks:\n- elsewhere"
    assert rules_in(text) == ("Be kind", "No adverts", "Ask …")


def test_html_lists_are_read_by_their_line_breaks() -> None:
    assert rules_in("Rules:<br>- Be kind<br/>- No adverts<br>More") == ("Be kind", "No adverts")


@pytest.mark.parametrize(
    "text", ["The rules of chess are old.\n- pawn", "Rules:\nsee the wiki", "- kind\n- fair", None]
)
def test_no_list_under_a_heading_is_no_rules(text: str | None) -> None:
    assert rules_in(text) == ()


def test_a_text_that_is_all_rules_is_read_by_items_or_by_lines() -> None:
    assert listed("Please:\n- Be kind\n- No adverts") == ("Be kind", "No adverts")
    assert listed("# Rules\nBe kind\n\nNo adverts") == ("Be kind", "No adverts")
    assert listed(None) == ()


@pytest.mark.parametrize("piece", ["[a](b", "![", "<a", "@a.", "*", "**rules**\n", "- x\n", "[a](u/ ", "#" * 7, "a_"])
def test_hostile_text_takes_no_time(piece: str) -> None:
    text = piece * (10**6 // len(piece))
    started = time.process_time()
    plain(text)
    rules_in(text)
    listed(text)
    assert time.process_time() - started < 1
