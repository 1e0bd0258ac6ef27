"""The README and the code say the same: commands, settings, signals, fields and platforms."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from crawlers.registry import sources_table
from index.ranking import VARIETY
from index.signals import SIGNALS
from venues import cli
from venues.model import Kind, Listing
from venues.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")


def cells(pattern: str) -> set[str]:
    return set(re.findall(pattern, README, re.MULTILINE))


def command_names() -> set[str]:
    groups = {group.name for group in cli.app.registered_groups}
    return groups | {command.name or command.callback.__name__ for command in cli.app.registered_commands}


def test_every_command_is_in_the_readmes_table_and_no_other() -> None:
    assert command_names() == cells(r"^\| `venues ([\w-]+)")


def settings_table() -> str:
    return README.partition("## Settings")[2].partition("\n\nThe first run")[0]


def test_every_setting_is_in_the_readmes_table_and_no_other() -> None:
    assert {PREFIX + each.name.upper() for each in fields(Settings)} == set(
        re.findall(r"`(VENUES_\w+)`", settings_table())
    )


def test_every_signal_stands_in_the_readme_with_its_weight() -> None:
    weights = {signal.name: signal.weight for signal in SIGNALS} | {"variety": VARIETY}
    assert {name: f"{weight:g}" for name, weight in weights.items()} == dict(
        re.findall(r"^\| (\w+) \| (\d+) \| \w", README, re.MULTILINE)
    )


def test_the_readmes_table_of_sources_is_what_the_crawlers_say_of_themselves() -> None:
    table = README.partition("## Sources")[2].partition("| platform |")
    assert sources_table() == (table[1] + table[2]).partition("\n\n")[0] + "\n", "python -m crawlers.registry prints it"


def test_every_field_and_kind_of_the_interchange_form_is_in_the_readme() -> None:
    table = README.partition("## Interchange")[2].partition("## How it grows")[0]
    named = set(re.findall(r"\w+", " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))))
    assert {each.name for each in fields(Listing)} <= named
    assert ", ".join(kind.value for kind in Kind) in table


def test_the_changelog_names_every_command() -> None:
    assert set() == {name for name in command_names() if f"`venues {name}`" not in CHANGELOG}
